package core

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Call is one command being run: its arguments, typed, and where the answer goes.
type Call struct {
	Session *Session
	Command *Command
	Out     Output
	Line    string  // the command as it was typed, trimmed
	current *Loaded // the current capture when it began
	start   int     // where Line begins in the cell's line, which the words' offsets count from
	args    args
}

// LineWithout is the command without an option and its value: what makes the same answer elsewhere.
func (c *Call) LineWithout(name string) string {
	line := c.Line
	for _, w := range c.args[name] {
		line = strings.TrimSpace(line[:w.option-c.start]) + line[w.end-c.start:]
	}
	return line
}

// Show delivers a block of the answer.
func (c *Call) Show(b display.Block) error { return c.Out.Show(b) }

// Note shows a remark.
func (c *Call) Note(format string, a ...any) error {
	return c.Out.Show(&display.Note{Body: fmt.Sprintf(format, a...)})
}

// Has says whether the parameter was given.
func (c *Call) Has(name string) bool { return c.args[name] != nil }

// Word is the text given for a parameter, or "".
func (c *Call) Word(name string) string {
	if w := c.args[name]; w != nil {
		return w[len(w)-1].text
	}
	return ""
}

// Words is every text given for a parameter that can be repeated.
func (c *Call) Words(name string) []string {
	var texts []string
	for _, w := range c.args[name] {
		texts = append(texts, w.text)
	}
	return texts
}

// Misused is an error about a word that no capture would make right.
func (c *Call) Misused(name, format string, a ...any) *LineError {
	e := c.Blame(name, format, a...)
	e.Misuse = true
	return e
}

// Blame is an error about the word given for a parameter.
func (c *Call) Blame(name, format string, a ...any) *LineError {
	e := &LineError{Message: c.Command.Name + ": " + fmt.Sprintf(format, a...), Usage: c.Command.Usage()}
	if w := c.args[name]; w != nil {
		e.Start, e.End = w[len(w)-1].start, w[len(w)-1].end
	}
	return e
}

// Fail is an error about the command as a whole.
func (c *Call) Fail(format string, a ...any) error {
	err := fmt.Errorf(format, a...)
	return &LineError{Message: c.Command.Name + ": " + err.Error(), Err: err}
}

// Loaded is the current capture, or an error that tells how to load one.
func (c *Call) Loaded() (*Loaded, error) {
	if c.current != nil {
		return c.current, nil
	}
	return nil, &LineError{Message: c.Command.Name + ": no capture is loaded", Suggestion: cmp.Or(c.Session.options.Instead.Open, "load one first: load FILE")}
}

// Conn is the connection that the parameter names; the only one when none is named.
func (c *Call) Conn(name string) (*Loaded, *conn.Conn, error) {
	l, err := c.Loaded()
	if err != nil {
		return nil, nil, err
	}
	found, err := c.connectionOf(l, name)
	return l, found, err
}

// connectionOf is the connection of a capture that the parameter names.
func (c *Call) connectionOf(l *Loaded, name string) (*conn.Conn, error) {
	if len(l.Trace.Conns) == 0 {
		return nil, c.Blame(name, "%s has no MPTCP connection (lt lists its TCP streams)", l.Name)
	}
	text := c.Word(name)
	if text == "" {
		if len(l.Trace.Conns) > 1 {
			return nil, &LineError{Message: fmt.Sprintf("%s: which connection? %s", c.Command.Name, connRange(l.Trace)), Usage: c.Command.Usage()}
		}
		return &l.Trace.Conns[0], nil
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, c.Blame(name, "%q is no connection id: %s", text, connRange(l.Trace))
	}
	found := l.Trace.ConnByID(uint32(id))
	if found == nil {
		return nil, c.Blame(name, "there is no connection %s: %s", text, connRange(l.Trace))
	}
	return found, nil
}

// connRange says which connection ids exist: "the ids are 0 to 3".
func connRange(t *trace.Trace) string {
	first, last := t.Conns[0].ID, t.Conns[len(t.Conns)-1].ID
	switch {
	case len(t.Conns) == 1:
		return fmt.Sprintf("the only one is %d", first)
	case int(last-first) == len(t.Conns)-1:
		return fmt.Sprintf("the ids are %d to %d", first, last)
	}
	return fmt.Sprintf("there are %d, between %d and %d (lc lists them)", len(t.Conns), first, last)
}

// Dest is the direction that the words of the named parameters give together; DestUnknown means both, and that none is given.
func (c *Call) Dest(names ...string) (stream.Dest, error) {
	var mask [3]bool
	for _, name := range names {
		for _, w := range c.args[name] {
			d, ok := parseDest(w.text)
			if !ok {
				return d, c.Misused(name, "%q is no destination (Client, Server or Both)", w.text)
			}
			mask[d] = true
		}
	}
	if mask[stream.DestUnknown] || mask[stream.Client] == mask[stream.Server] {
		return stream.DestUnknown, nil
	}
	if mask[stream.Client] {
		return stream.Client, nil
	}
	return stream.Server, nil
}

// window is the time that --from and --to name, in ns since the epoch.
func (c *Call) window(l *Loaded) (w analysis.Window, err error) {
	w = analysis.Window{From: math.MinInt64, To: math.MaxInt64}
	for _, end := range []struct {
		name string
		at   *int64
	}{{"--from", &w.From}, {"--to", &w.To}} {
		if !c.Has(end.name) {
			continue
		}
		ns, err := Seconds(c.Word(end.name))
		if err != nil {
			return w, c.Misused(end.name, "%v", err)
		}
		*end.at = l.Trace.Capture.First + ns
	}
	if w.From > w.To {
		return w, c.Misused("--to", "%s s is before --from %s s", c.Word("--to"), c.Word("--from"))
	}
	return w, nil
}

// Streams is the set of TCP streams that a repeatable option names; each must be a subflow of the connection.
func (c *Call) Streams(name string, of *conn.Conn) (map[uint32]bool, error) {
	set := map[uint32]bool{}
	for i, w := range c.args[name] {
		id, err := strconv.ParseUint(w.text, 10, 32)
		if err != nil || !hasStream(of, uint32(id)) {
			e := c.Blame(name, "%q is no subflow of connection %d: its TCP streams are %s", w.text, of.ID, streamList(of))
			e.Start, e.End = c.args[name][i].start, w.end
			return nil, e
		}
		set[uint32(id)] = true
	}
	return set, nil
}

func hasStream(of *conn.Conn, id uint32) bool {
	for i := range of.Subflows {
		if of.Subflows[i].Stream == id {
			return true
		}
	}
	return false
}

func streamList(of *conn.Conn) string {
	var ids []string
	for i := range of.Subflows {
		ids = append(ids, strconv.FormatUint(uint64(of.Subflows[i].Stream), 10))
	}
	return strings.Join(ids, ", ")
}
