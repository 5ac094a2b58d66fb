package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Live captures from network interfaces.
type Live interface {
	// Interfaces lists those that can be captured from.
	Interfaces() ([]NetworkInterface, error)
	// Open captures from one; the bytes are those of a pcap file, which has no end. Closing it ends reading, too.
	Open(name string) (io.ReadCloser, error)
}

// NetworkInterface is one of this machine.
type NetworkInterface struct {
	Name      string
	Up        bool
	Addresses []string
}

var liveCommand = Command{
	Name:    "live",
	Aliases: []string{"live_analysis"},
	Summary: "capture from a network interface and look on",
	Help: `Shows the connections, their subflows and rates, and what happens, while it captures; interrupt it to stop. What was captured
until then is the current capture, for every other command. Payloads are not kept. It needs Linux and the right to capture;
elsewhere pipe a capture into the program: tcpdump -w - | mptcpanalyzer --load -`,
	Examples: []Example{
		{"live eth0", "look on until interrupted"},
		{"live eth0 --for 10", "look on for ten seconds"},
		{"live --list-interfaces", "what can be captured from"},
	},
	Params: append([]Param{
		{Name: "INTERFACE", Kind: Interface, Doc: "the network interface"},
		{Name: "--list-interfaces", Kind: Flag, Doc: "list the interfaces of this machine"},
		{Name: "--as", Kind: Text, Value: "NAME", Doc: "call the capture so; the interface's name if not said"},
	}, watchParams()...),
	Run: runLive,
}

// watchParams are the options of commands that look on.
func watchParams() []Param {
	return []Param{
		{Name: "--for", Kind: Text, Value: "SECONDS", Doc: "stop after this time"},
		{Name: "--packets", Kind: Text, Value: "N", Doc: "stop after so many TCP packets, to bound the memory; 20 million if not said"},
	}
}

func runLive(ctx context.Context, c *Call) error {
	live := c.Session.options.Live
	if live == nil {
		return c.Fail("nothing can be captured here")
	}
	if c.Has("--list-interfaces") {
		list, err := live.Interfaces()
		if err != nil {
			return c.Fail("%w", err)
		}
		return c.showTable(&Loaded{}, interfaceTable(list))
	}
	name := c.Word("INTERFACE")
	if name == "" {
		return &LineError{Message: "live: INTERFACE is missing", Suggestion: "live --list-interfaces lists them", Usage: c.Command.Usage(), Misuse: true}
	}
	if err := c.checkName(1); err != nil {
		return err
	}
	limits, err := c.watchLimits()
	if err != nil {
		return err
	}
	source, err := live.Open(name)
	if err != nil {
		return c.Blame("INTERFACE", "%v", err)
	}
	defer source.Close()
	l, err := c.watch(ctx, source, name, limits)
	if err != nil {
		return err
	}
	l.Path, l.Files = "live "+name, []string{name}
	as := c.Word("--as")
	if as == "" {
		as = c.Session.unusedName(name)
	}
	c.Session.keep(l, as)
	return showLoaded(l, c.Out)
}

// unusedName is a name for a capture, with a number if another one has it.
func (s *Session) unusedName(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.freeName(name)
}

func interfaceTable(list []NetworkInterface) *display.Table {
	return &display.Table{
		Name: "interfaces", Title: "Network interfaces of this machine", Rows: len(list), Empty: "there is none",
		Columns: []display.Column{{Key: "interface", Head: "Interface"}, {Key: "up", Head: "Up"}, {Key: "addresses", Head: "Addresses", Wide: true}},
		Cell: func(row, col int) display.Value {
			switch col {
			case 0:
				return display.Str(list[row].Name)
			case 1:
				return display.Bool(list[row].Up)
			}
			return display.Str(strings.Join(list[row].Addresses, ", "))
		},
		Open: func(row int) string { return "live " + list[row].Name },
	}
}

// watchLimits say when looking on ends.
type watchLimits struct {
	span    time.Duration // 0: no limit
	packets int
	least   int64 // bytes that are read whatever the time: what stood in a file before it was looked on
}

// mostPackets is how many packets are kept unless the user says otherwise: about a gigabyte.
const mostPackets = 20_000_000

func (c *Call) watchLimits() (w watchLimits, err error) {
	w.packets = mostPackets
	if c.Has("--for") {
		s, err := strconv.ParseFloat(c.Word("--for"), 64)
		if err != nil || !(s > 0 && s < 1e9) {
			return w, c.Misused("--for", "%q is no time in seconds, as 2.5 is", c.Word("--for"))
		}
		w.span = time.Duration(s * float64(time.Second))
	}
	if c.Has("--packets") {
		if w.packets, err = strconv.Atoi(c.Word("--packets")); err != nil || w.packets < 1 {
			return w, c.Misused("--packets", "%q is no number of packets", c.Word("--packets"))
		}
	}
	return w, nil
}

// refreshEvery is how often the summary is drawn anew.
const refreshEvery = 500 * time.Millisecond

// piece is what one reading gave.
type piece struct {
	bytes []byte
	err   error
}

// watch dissects what a source gives while it comes, showing a summary, until the source ends, a limit is reached or ctx is
// cancelled: what was read until then is kept.
func (c *Call) watch(ctx context.Context, r io.ReadCloser, name string, limits watchLimits) (*Loaded, error) {
	pieces, stop := pump(r)
	defer stop()
	var over <-chan time.Time
	if limits.span > 0 {
		timer := time.NewTimer(limits.span)
		defer timer.Stop()
		over = timer.C
	}
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	w := watching{watchLimits: limits, loader: trace.NewLoader(trace.Options{}), summary: analysis.NewLive()}
	defer c.Out.Progress(display.Progress{Task: name, End: true})
	for done, why := false, ""; ; {
		select {
		case p := <-pieces:
			var err error
			if done, why, err = w.take(p); err != nil {
				return nil, c.Fail("%s: %w", name, err)
			}
		case <-ticker.C:
			progress := loadProgress(name, w.loader.Progress(), -1)
			progress.Page = w.summary.Page(name)
			c.Out.Progress(progress)
		case <-over:
			w.late = true
			done = w.least <= 0
		case <-ctx.Done():
			done, why = true, "interrupted: what came until then is kept"
		}
		if done {
			return c.watched(w.loader, name, why)
		}
	}
}

// watching is a loading that is looked on.
type watching struct {
	watchLimits
	loader  *trace.Loader
	summary *analysis.Live
	rows    int  // that the summary has
	late    bool // the time is over
}

// take dissects what was read. done says that it was the last, why that somebody might have expected more.
func (w *watching) take(p piece) (done bool, why string, err error) {
	if err := w.loader.Feed(p.bytes); err != nil {
		return false, "", err
	}
	w.rows = w.loader.Rows(w.rows, w.summary.Add)
	w.least -= int64(len(p.bytes))
	switch {
	case w.rows >= w.packets:
		return true, fmt.Sprintf("%s are kept, as many as were asked for (--packets)", display.Count(w.rows, "packet")), nil
	case errors.Is(p.err, io.EOF):
		return true, "", nil
	case p.err != nil:
		return true, p.err.Error(), nil
	}
	return w.late && w.least <= 0, "", nil
}

// watched ends a loading that was looked on.
func (c *Call) watched(loader *trace.Loader, name, why string) (*Loaded, error) {
	t, err := loader.Finish()
	if err != nil {
		return nil, c.Fail("%s: %w", name, err)
	}
	t.Capture.Cut = nil // it was stopped, wherever that was
	if why != "" {
		if err := c.Note("%s", why); err != nil {
			return nil, err
		}
	}
	return &Loaded{Trace: t}, nil
}

// pump reads in a goroutine of its own, until stop, which closes the source.
func pump(r io.ReadCloser) (pieces <-chan piece, stop func()) {
	out, over := make(chan piece), make(chan struct{})
	go func() {
		buffers := [2][]byte{make([]byte, 1<<18), make([]byte, 1<<18)}
		for i := 0; ; i++ {
			n, err := r.Read(buffers[i%2])
			select {
			case out <- piece{bytes: buffers[i%2][:n], err: err}:
			case <-over:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return out, func() {
		close(over)
		r.Close()
	}
}

// grown reads a file that somebody writes: at its end it waits for more.
type grown struct {
	io.ReadCloser
	over  chan struct{}
	ended func(read int64) error // Source.Ended, or nil
	read  int64
}

// lookEvery is how often a file is looked at for more.
const lookEvery = 100 * time.Millisecond

// Read reads what there is, or waits for it.
func (g *grown) Read(p []byte) (int, error) {
	for {
		n, err := g.ReadCloser.Read(p)
		if g.read += int64(n); n > 0 {
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if g.ended != nil {
			if why := g.ended(g.read); why != nil {
				return 0, fmt.Errorf("%w: what came until then is kept", why)
			}
		}
		select {
		case <-g.over:
			return 0, io.EOF
		case <-time.After(lookEvery):
		}
	}
}

// Close ends the waiting.
func (g *grown) Close() error {
	close(g.over)
	return g.ReadCloser.Close()
}

// follow loads a file while it grows.
func (c *Call) follow(ctx context.Context, names []string) (*Loaded, error) {
	limits, err := c.watchLimits()
	if err != nil {
		return nil, err
	}
	if c.Session.options.Open == nil {
		return nil, c.Fail(noFiles)
	}
	source, err := c.openOne(ctx, names[0])
	if err != nil {
		return nil, c.blameFile("FILE", names[0], err)
	}
	limits.least = source.Size
	growing := &grown{ReadCloser: source.ReadCloser, over: make(chan struct{}), ended: source.Ended}
	l, err := c.watch(ctx, growing, shortName(names), limits)
	if err != nil {
		return nil, err
	}
	l.Path, l.Files = pathOf(names), names
	return l, nil
}
