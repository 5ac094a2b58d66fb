package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

const longest = 2 * time.Minute // that a test waits for anything: more than the busiest machine needs

const testKey = "the key of the tests"

// memory is a Transport within the test.
type memory struct {
	receiver Receiver
	started  chan struct{}

	mu      sync.Mutex
	clients []*client
	closed  bool
}

func (m *memory) Start(r Receiver) error {
	m.receiver = r
	close(m.started)
	return nil
}

func (m *memory) Publish(frames [][]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clients {
		c.iopub <- c.decode(frames)
	}
}

func (m *memory) Stdin(identity string) Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clients {
		if c.identity == identity && c.stdin != nil {
			return c.stdin
		}
	}
	return nil
}

func (m *memory) Close(time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// end is a client's end of a channel.
type end struct {
	client   *client
	messages chan *message.Message
}

func (e *end) Send(frames [][]byte) error { e.messages <- e.client.decode(frames); return nil }
func (e *end) Identity() string           { return e.client.identity }

// client is a front end.
type client struct {
	t                     *testing.T
	codec                 *message.Codec
	memory                *memory
	identity              string
	shell, control, stdin *end
	iopub                 chan *message.Message
}

// start runs a kernel until the test ends and gives a client of it.
func start(t *testing.T, session Session, change ...func(*Options)) *client {
	t.Helper()
	codec, err := message.NewCodec("", testKey)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{started: make(chan struct{})}
	o := Options{Transport: m, Codec: codec, Session: session, Renderer: plainRenderer{}}
	for _, f := range change {
		f(&o)
	}
	k := New(o)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	c := m.connect(t, "front end")
	go func() { served <- k.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-served:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(longest):
			t.Error("Serve does not end")
		}
	})
	<-m.started
	if first := c.published(); first.Header.Type != "status" || state(first) != "starting" {
		t.Errorf("the first publication is %s %s", first.Header.Type, first.Content)
	}
	return c
}

func (m *memory) connect(t *testing.T, identity string) *client {
	codec, err := message.NewCodec("", testKey)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, codec: codec, memory: m, identity: identity, iopub: make(chan *message.Message, 10_000)}
	c.shell = &end{c, make(chan *message.Message, 1000)}
	c.control = &end{c, make(chan *message.Message, 1000)}
	c.stdin = &end{c, make(chan *message.Message, 1000)}
	m.mu.Lock()
	m.clients = append(m.clients, c)
	m.mu.Unlock()
	return c
}

func (c *client) decode(frames [][]byte) *message.Message {
	m, err := c.codec.Decode(frames)
	if err != nil {
		c.t.Errorf("the kernel sent %q: %v", frames, err)
		return &message.Message{}
	}
	return m
}

// send sends a message and gives its id.
func (c *client) send(channel Channel, kind string, content any) string {
	c.t.Helper()
	frames, id, err := c.codec.EncodeID(message.Outgoing{Prefix: [][]byte{[]byte("route")}, Type: kind, Content: content})
	if err != nil {
		c.t.Fatal(err)
	}
	c.memory.receiver.Receive(channel, map[Channel]Peer{Shell: c.shell, Control: c.control, Stdin: c.stdin}[channel], frames)
	return id
}

func receive(t *testing.T, from chan *message.Message) *message.Message {
	t.Helper()
	select {
	case m := <-from:
		return m
	case <-time.After(longest):
		t.Fatal("no message came")
		return nil
	}
}

func (c *client) published() *message.Message { c.t.Helper(); return receive(c.t, c.iopub) }

// parent is the msg_id of the request that a message belongs to.
func parent(m *message.Message) string {
	var h message.Header
	_ = json.Unmarshal(m.Parent, &h) // an empty one has none
	return h.ID
}

func state(m *message.Message) string { s, _ := fields(m)["execution_state"].(string); return s }

func fields(m *message.Message) map[string]any {
	f := map[string]any{}
	_ = json.Unmarshal(m.Content, &f) // decode has seen that it is an object
	return f
}

// answer is what came of a request: its reply, and what was published between busy and idle.
type answer struct {
	reply   map[string]any
	kind    string
	outputs []*message.Message
}

// ask sends a request on a channel and waits for its reply and for idle.
func (c *client) ask(channel Channel, kind string, content any) answer {
	c.t.Helper()
	return c.await(channel, c.send(channel, kind, content))
}

func (c *client) await(channel Channel, id string) answer {
	c.t.Helper()
	r := receive(c.t, map[Channel]*end{Shell: c.shell, Control: c.control}[channel].messages)
	if parent(r) != id {
		c.t.Fatalf("reply to %s, want one to %s", parent(r), id)
	}
	if len(r.Prefix) != 1 || string(r.Prefix[0]) != "route" {
		c.t.Errorf("routing frames %q", r.Prefix)
	}
	return answer{reply: fields(r), kind: r.Header.Type, outputs: c.outputs(id)}
}

// outputs gives what is published for a request between busy and idle.
func (c *client) outputs(id string) []*message.Message {
	c.t.Helper()
	if m := c.published(); parent(m) != id || state(m) != "busy" {
		c.t.Fatalf("%s %s of %s, want busy of %s", m.Header.Type, m.Content, parent(m), id)
	}
	var out []*message.Message
	for {
		m := c.published()
		if parent(m) != id {
			c.t.Fatalf("%s of %s among the messages of %s", m.Header.Type, parent(m), id)
		}
		if state(m) == "idle" {
			return out
		}
		out = append(out, m)
	}
}

// run executes code as a notebook does, with fields changed.
func (c *client) run(code string, changes ...any) answer {
	c.t.Helper()
	return c.ask(Shell, "execute_request", executeContent(code, changes...))
}

func executeContent(code string, changes ...any) map[string]any {
	content := map[string]any{
		"code": code, "silent": false, "store_history": true, "user_expressions": map[string]any{}, "allow_stdin": true,
		"stop_on_error": true,
	}
	for i := 0; i < len(changes); i += 2 {
		content[changes[i].(string)] = changes[i+1]
	}
	return content
}

// kinds lists message types.
func kinds(messages []*message.Message) string {
	var names []string
	for _, m := range messages {
		names = append(names, m.Header.Type)
	}
	return strings.Join(names, " ")
}

// plainRenderer knows text only.
type plainRenderer struct{}

func (plainRenderer) Bundle(b display.Block) (*Bundle, error) {
	if f, ok := b.(*display.File); ok {
		return plainBundle("saved " + f.Name), nil
	}
	s, err := plainText(b)
	return plainBundle(s), err
}

// toy is a Session with a language of its own.
type toy struct {
	started chan struct{} // gets a value when "wait" runs
}

func (s *toy) Run(ctx context.Context, cell string, out core.Output) error {
	for i, line := range strings.Split(cell, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if err := s.command(ctx, word, rest, out); err != nil {
			var e *core.LineError
			if !errors.As(err, &e) {
				e = &core.LineError{Message: err.Error(), Err: err}
			}
			e.Line, e.Text = i+1, line
			return e
		}
	}
	return nil
}

func (s *toy) command(ctx context.Context, word, rest string, out core.Output) error {
	switch word {
	case "table":
		return out.Show(toyTable(rest))
	case "text":
		return out.Show(&display.Text{Body: rest})
	case "say":
		return out.Show(&display.Text{Body: rest, Pre: true})
	case "page":
		return out.Show(&display.Text{Body: rest, Pre: true, Pager: true})
	case "note":
		return out.Show(&display.Note{Body: rest})
	case "caution":
		return out.Show(&display.Note{Body: rest, Level: display.Caution})
	case "file":
		return out.Show(&display.File{Name: rest})
	case "many":
		for i := range 5000 {
			if err := out.Show(&display.Text{Body: fmt.Sprint("row ", i), Pre: true}); err != nil {
				return err
			}
		}
	case "progress":
		for range 3 { // the first one shows nothing, each further one does
			out.Progress(display.Progress{Task: "reading " + rest, Done: 50, Total: 100, Unit: display.Bytes})
			time.Sleep(progressDelay)
		}
		out.Progress(display.Progress{Task: "reading " + rest, End: true})
	case "fail":
		return &core.LineError{Start: 5, End: 5 + len(rest), Message: "bad word", Suggestion: "did you mean good?", Usage: "fail WORD", Misuse: true}
	case "wait":
		s.started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	case "ask":
		answer, err := out.Ask(ctx, rest)
		if err != nil {
			return err
		}
		return out.Show(&display.Text{Body: "got " + answer})
	case "panic":
		panic("a bug")
	}
	return nil
}

func toyTable(cell string) *display.Table {
	return &display.Table{
		Columns: []display.Column{{Head: "Head"}}, Rows: 1, Cell: func(int, int) display.Value { return display.Str(cell) },
	}
}

// Complete offers the word "plot" for the word before the cursor.
func (s *toy) Complete(text string, cursor int) core.Completion {
	start := strings.LastIndexAny(text[:cursor], " \n") + 1
	return core.Completion{Start: start, End: cursor, Items: []core.Item{{Text: "plot", Type: "command", Doc: "draw"}}}
}

func (s *toy) Inspect(text string, cursor int) (display.Page, bool) {
	if text[:cursor] == "" {
		return nil, false
	}
	return display.Page{&display.Text{Body: "before: " + text[:cursor]}, &display.Text{Body: "after: " + text[cursor:]}}, true
}

func (s *toy) Check(text string) core.Status {
	switch {
	case strings.HasSuffix(text, `\`):
		return core.Incomplete
	case strings.HasPrefix(text, "!"):
		return core.Invalid
	}
	return core.Complete
}
