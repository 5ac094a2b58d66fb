package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// plugin is a program that is run as a command.
type plugin struct {
	*description
	name, program string
	limit         func() time.Duration
}

// request is the line that a plugin reads first.
type request struct {
	Protocol  int                 `json:"protocol"`
	Command   string              `json:"command"`
	Line      string              `json:"line"`
	Arguments map[string][]string `json:"arguments"`
	Capture   *captured           `json:"capture,omitempty"`
	Rows      string              `json:"rows"`
}

type captured struct {
	Name    string `json:"name"`
	Packets int    `json:"packets"`
	Start   string `json:"start"` // ns since the epoch
}

// run does the plugin's work and shows its answer.
func (p *plugin) run(ctx context.Context, c *core.Call) error {
	q := request{Protocol: protocol, Command: p.name, Line: c.Line, Arguments: map[string][]string{}, Rows: "none"}
	for i := range c.Command.Params {
		if name := c.Command.Params[i].Name; c.Has(name) {
			q.Arguments[name] = c.Words(name)
		}
	}
	var l *core.Loaded
	var rows []uint32
	if p.gets() {
		var err error
		if l, rows, err = c.Selection(ctx, p.first("connection"), p.first("stream")); err != nil {
			return err
		}
		q.Capture = &captured{Name: l.Name, Packets: l.Trace.Len(), Start: strconv.FormatInt(l.Trace.Capture.First, 10)}
		q.Rows = p.Rows
	}
	limit := time.Duration(0)
	if p.limit != nil {
		limit = p.limit()
	}
	bounded, cancel := context.WithCancel(ctx)
	if limit > 0 {
		bounded, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	out, err := run(bounded, p.program, nil, func(w io.Writer) error { return p.feed(bounded, w, q, l, rows) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return c.Fail("%s took longer than %v and was ended (set plugin_timeout)", p.program, limit)
	case err != nil:
		return c.Fail("%s %w", p.program, err)
	}
	page, err := readPage(out)
	if err != nil {
		return c.Fail("the answer of %s is wrong: %w", p.program, err)
	}
	source := ""
	if l != nil {
		source = l.Name
	}
	return c.ShowPage(source, page)
}

// first is the name of the first parameter of a kind.
func (p *plugin) first(kind string) string {
	for i := range p.Parameters {
		if p.Parameters[i].Kind == kind {
			return p.Parameters[i].Name
		}
	}
	return ""
}

// feed writes the request and the rows.
func (p *plugin) feed(ctx context.Context, w io.Writer, q request, l *core.Loaded, rows []uint32) error {
	line, err := json.Marshal(q)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(line, '\n')); err != nil || l == nil {
		return err
	}
	if p.Rows == "arrow" {
		return writeArrow(ctx, w, l, rows, p.columns())
	}
	return writeCSV(ctx, w, l.Trace, rows, p.columns())
}

func (p *plugin) columns() []string {
	if len(p.Columns) > 0 {
		return p.Columns
	}
	return core.PacketColumns()
}

// Bounds of what a program may write.
const (
	mostAnswer = 256 << 20
	mostErrors = 4 << 10 // the last of them
)

// run runs a program, gives it what feed writes, and returns what it wrote. A cancelled ctx kills it with all that it has
// started. It may leave its input unread.
func run(ctx context.Context, program string, args []string, feed func(io.Writer) error) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	alone(cmd)
	cmd.WaitDelay = time.Second
	out, errs := &bounded{most: mostAnswer}, &tail{}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.Env = append(os.Environ(), "MPTCPANALYZER_PROTOCOL="+strconv.Itoa(protocol))
	var in io.WriteCloser
	if feed != nil {
		var err error
		if in, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot be run: %w", disk.Plain(err))
	}
	fed := make(chan error, 1)
	go func() {
		var err error
		if feed != nil {
			err = feed(in)
			in.Close()
		}
		fed <- err
	}()
	err := cmd.Wait()
	feedErr := <-fed
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("failed (%w)%s", err, errs)
	case out.over:
		return nil, fmt.Errorf("wrote more than %d MB", mostAnswer>>20)
	case feedErr != nil && !errors.Is(feedErr, syscall.EPIPE) && !errors.Is(feedErr, os.ErrClosed) && !errors.Is(feedErr, io.ErrClosedPipe):
		return nil, feedErr
	}
	return out.Bytes(), nil
}

// bounded keeps what is written, up to a limit.
type bounded struct {
	bytes.Buffer
	most int
	over bool
}

// Write keeps p, or drops it once there is too much.
func (b *bounded) Write(p []byte) (int, error) {
	if b.over = b.over || b.Len()+len(p) > b.most; b.over {
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// tail keeps the end of what is written.
type tail struct{ kept []byte }

// Write keeps the last bytes.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - mostErrors; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is what was written, after a colon, or nothing.
func (t *tail) String() string {
	text := strings.TrimSpace(string(t.kept))
	if text == "" {
		return ""
	}
	return ": " + text
}
