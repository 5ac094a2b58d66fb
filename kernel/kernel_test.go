package kernel

import (
	"bytes"
	"encoding/json"
	"log"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

func TestKernelInfo(t *testing.T) {
	c := start(t, &toy{})
	for _, channel := range []Channel{Shell, Control} {
		a := c.ask(channel, "kernel_info_request", nil)
		if a.kind != "kernel_info_reply" || a.reply["status"] != "ok" || a.reply["protocol_version"] != "5.5" {
			t.Errorf("%s %v", a.kind, a.reply)
		}
		info := a.reply["language_info"].(map[string]any)
		for _, field := range []string{"name", "version", "mimetype", "file_extension", "pygments_lexer", "codemirror_mode", "nbconvert_exporter"} {
			if s, ok := info[field].(string); !ok || s == "" {
				t.Errorf("language_info.%s is %v", field, info[field])
			}
		}
		for _, field := range []string{"implementation", "implementation_version", "banner", "help_links", "supported_features"} {
			if a.reply[field] == nil {
				t.Errorf("no %s", field)
			}
		}
	}
}

func TestCompleteCountsCodePoints(t *testing.T) {
	c := start(t, &toy{})
	for _, tc := range []struct {
		code       string
		cursor     any
		start, end float64
	}{
		{"pl", 2, 0, 2},
		{"pl", nil, 0, 2},
		{"𨭎𨭎𨭎 pl", 6, 4, 6},
		{"é\npl rest", 4, 2, 4},
		{"pl", 99, 0, 2},
		{"pl", -1, 0, 0},
		{"", 0, 0, 0},
	} {
		content := map[string]any{"code": tc.code}
		if tc.cursor != nil {
			content["cursor_pos"] = tc.cursor
		}
		r := c.ask(Shell, "complete_request", content).reply
		if r["status"] != "ok" || r["cursor_start"] != tc.start || r["cursor_end"] != tc.end {
			t.Errorf("%q at %v: %v to %v, want %v to %v", tc.code, tc.cursor, r["cursor_start"], r["cursor_end"], tc.start, tc.end)
		}
		types := r["metadata"].(map[string]any)["_jupyter_types_experimental"].([]any)[0]
		want := map[string]any{"start": tc.start, "end": tc.end, "text": "plot", "type": "command", "signature": "draw"}
		if !reflect.DeepEqual(types, want) || !reflect.DeepEqual(r["matches"], []any{"plot"}) {
			t.Errorf("%q: %v, want %v", tc.code, types, want)
		}
	}
}

func TestInspect(t *testing.T) {
	c := start(t, &toy{})
	r := c.ask(Shell, "inspect_request", map[string]any{"code": "é plot", "cursor_pos": 2, "detail_level": 0}).reply
	if r["found"] != true || r["data"].(map[string]any)["text/plain"] != "before: é \n\nafter: plot" {
		t.Errorf("%v", r)
	}
	r = c.ask(Shell, "inspect_request", map[string]any{"code": "", "cursor_pos": 0}).reply
	if r["found"] != false || len(r["data"].(map[string]any)) != 0 || r["status"] != "ok" {
		t.Errorf("%v", r)
	}
}

func TestIsComplete(t *testing.T) {
	c := start(t, &toy{})
	for code, want := range map[string]string{"lc": "complete", `a \`: "incomplete", "!": "invalid"} {
		r := c.ask(Shell, "is_complete_request", map[string]any{"code": code}).reply
		if _, indent := r["indent"]; r["status"] != want || indent != (want == "incomplete") {
			t.Errorf("%q: %v, want %s", code, r, want)
		}
	}
}

func TestComms(t *testing.T) {
	c := start(t, &toy{})
	if r := c.ask(Shell, "comm_info_request", map[string]any{}).reply; r["status"] != "ok" || len(r["comms"].(map[string]any)) != 0 {
		t.Errorf("%v", r)
	}
	id := c.send(Shell, "comm_open", map[string]any{"comm_id": "c1", "target_name": "no.such", "data": map[string]any{}})
	out := c.outputs(id)
	if kinds(out) != "comm_close" || fields(out[0])["comm_id"] != "c1" {
		t.Errorf("%s", kinds(out))
	}
	for _, kind := range []string{"comm_msg", "comm_close", "no_such_request", "debug_request"} {
		if out := c.outputs(c.send(Shell, kind, map[string]any{"comm_id": "c1"})); len(out) != 0 {
			t.Errorf("%s: %s", kind, kinds(out))
		}
	}
}

func TestQuestionsAreAnsweredBesideACell(t *testing.T) {
	s := &toy{started: make(chan struct{})}
	c := start(t, s)
	cell := c.send(Shell, "execute_request", executeContent("wait"))
	<-s.started
	for _, m := range []*message.Message{c.published(), c.published()} { // busy, execute_input
		if parent(m) != cell {
			t.Fatalf("%s of %s", m.Header.Type, parent(m))
		}
	}
	for kind, content := range map[string]any{
		"complete_request": map[string]any{"code": "pl"}, "inspect_request": map[string]any{"code": "plot"},
		"is_complete_request": map[string]any{"code": "a"}, "history_request": map[string]any{"hist_access_type": "tail", "n": 1},
		"comm_info_request": map[string]any{}, "kernel_info_request": map[string]any{},
	} {
		c.ask(Shell, kind, content)
		// Front ends show the last state they heard: they are told that the cell still runs.
		if m := c.published(); state(m) != "busy" || parent(m) != cell {
			t.Errorf("after %s: %s %s", kind, m.Header.Type, m.Content)
		}
	}
	id := c.send(Control, "interrupt_request", nil)
	if r := receive(t, c.control.messages); r.Header.Type != "interrupt_reply" || parent(r) != id || fields(r)["status"] != "ok" {
		t.Errorf("%s %s", r.Header.Type, r.Content)
	}
	r := fields(receive(t, c.shell.messages))
	if r["status"] != "error" || r["ename"] != "Interrupted" {
		t.Errorf("%v", r)
	}
}

func TestInterruptWhileIdleHarmsNothing(t *testing.T) {
	c := start(t, &toy{})
	c.ask(Control, "interrupt_request", nil)
	if r := c.run("say a").reply; r["status"] != "ok" {
		t.Errorf("%v", r)
	}
}

func TestShutdown(t *testing.T) {
	for _, channel := range []Channel{Control, Shell} {
		s := &toy{started: make(chan struct{})}
		c := start(t, s)
		c.send(Shell, "execute_request", executeContent("wait"))
		<-s.started
		c.send(channel, "shutdown_request", map[string]any{"restart": true})
		replied, told := false, false
		for !replied || !told {
			select {
			case m := <-c.shell.messages:
				replied = replied || m.Header.Type == "shutdown_reply" && fields(m)["restart"] == true
			case m := <-c.control.messages:
				replied = replied || m.Header.Type == "shutdown_reply" && fields(m)["restart"] == true
			case m := <-c.iopub:
				told = told || m.Header.Type == "shutdown_reply" && fields(m)["restart"] == true
			}
		}
	}
}

func TestWelcome(t *testing.T) {
	c := start(t, &toy{})
	c.memory.receiver.Subscribed(c.shell, "kernel.")
	m := receive(t, c.shell.messages)
	if m.Header.Type != "iopub_welcome" || string(m.Prefix[0]) != "kernel." || fields(m)["subscription"] != "kernel." || string(m.Parent) != "{}" {
		t.Errorf("%s %s %s", m.Header.Type, m.Content, m.Parent)
	}
}

// Unsigned, wrongly signed, copied and broken messages cost a log line each, and the key is in none.
func TestBadMessages(t *testing.T) {
	var lines lockedBuffer
	c := start(t, &toy{}, func(o *Options) { o.Log = log.New(&lines, "", 0) })
	receive := c.memory.receiver.Receive
	stranger, err := message.NewCodec("", "another key")
	if err != nil {
		t.Fatal(err)
	}
	wrong, _ := stranger.Encode(message.Outgoing{Type: "shutdown_request"})
	good, _ := c.codec.Encode(message.Outgoing{Type: "comm_close"})
	receive(Shell, c.shell, good)
	for range 2 {
		c.published() // busy, idle
	}
	unsigned := append([][]byte{}, good...)
	unsigned[1] = nil
	for _, frames := range [][][]byte{wrong, good, unsigned, {[]byte("junk")}, {}, good[:3]} {
		receive(Shell, c.shell, frames)
		receive(Control, c.control, frames)
	}
	c.send(Stdin, "execute_request", executeContent("say a"))
	c.send(Stdin, "input_reply", "no object")
	for range 40 {
		c.send(Stdin, "input_reply", map[string]any{"value": "nobody asked"})
	}
	for _, kind := range []string{"execute_request", "complete_request", "history_request", "shutdown_request", "comm_open"} {
		c.send(Shell, kind, json.RawMessage(`{"code":1,"restart":7,"n":"x","comm_id":[]}`))
	}
	if r := fields(receive2(t, c)); r["status"] != "error" { // only the cell is answered
		t.Errorf("%v", r)
	}
	for m := c.published(); m.Header.Type != "status" || !strings.Contains(lines.String(), "comm_open"); m = c.published() {
		if m.Header.Type != "status" {
			t.Errorf("%s was published", m.Header.Type)
		}
	}
	for len(c.iopub) > 0 {
		<-c.iopub
	}
	if strings.Contains(lines.String(), testKey) {
		t.Error("the key is in the log")
	}
}

func receive2(t *testing.T, c *client) *message.Message {
	t.Helper()
	return receive(t, c.shell.messages)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func TestSeveralClients(t *testing.T) {
	c := start(t, &toy{})
	other := c.memory.connect(t, "other")
	id := c.send(Shell, "execute_request", executeContent("table a"))
	c.await(Shell, id)
	if out := other.outputs(id); kinds(out) != "execute_input execute_result" {
		t.Errorf("the other sees %s", kinds(out))
	}
	if len(other.shell.messages) != 0 {
		t.Error("the other was answered")
	}
}
