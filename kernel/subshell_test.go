package kernel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// withSubshells is a kernel in which every subshell has a toy of its own, with the same channel.
func withSubshells(t *testing.T, change ...func(*Options)) (*client, *toy) {
	s := &toy{started: make(chan struct{})}
	beside := func(o *Options) { o.Beside = func() Session { return &toy{started: s.started} } }
	return start(t, s, append(change, beside)...), s
}

// sendTo sends a request whose header names a subshell.
func (c *client) sendTo(subshell any, channel Channel, kind string, content any) string {
	c.t.Helper()
	frames, id, err := c.codec.EncodeID(message.Outgoing{Prefix: [][]byte{[]byte("route")}, Type: kind, Content: content})
	if err != nil {
		c.t.Fatal(err)
	}
	header := map[string]any{}
	if err := json.Unmarshal(frames[3], &header); err != nil {
		c.t.Fatal(err)
	}
	header["subshell_id"] = subshell
	if frames[3], err = json.Marshal(header); err != nil {
		c.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(testKey))
	for _, part := range frames[3:7] {
		mac.Write(part)
	}
	frames[2] = hex.AppendEncode(nil, mac.Sum(nil))
	c.memory.receiver.Receive(channel, map[Channel]Peer{Shell: c.shell, Control: c.control, Stdin: c.stdin}[channel], frames)
	return id
}

func (c *client) askIn(subshell any, kind string, content any) answer {
	c.t.Helper()
	return c.await(Shell, c.sendTo(subshell, Shell, kind, content))
}

func (c *client) open() string {
	c.t.Helper()
	a := c.ask(Control, "create_subshell_request", nil)
	id, _ := a.reply["subshell_id"].(string)
	if a.kind != "create_subshell_reply" || a.reply["status"] != "ok" || id == "" {
		c.t.Fatalf("%s %v", a.kind, a.reply)
	}
	return id
}

func (c *client) list() []any {
	c.t.Helper()
	ids, _ := c.ask(Control, "list_subshell_request", nil).reply["subshell_id"].([]any)
	return ids
}

// drop forgets what was published.
func (c *client) drop(n int) {
	c.t.Helper()
	for range n {
		c.published()
	}
}

func TestSubshellLife(t *testing.T) {
	c, _ := withSubshells(t)
	if got := c.ask(Shell, "kernel_info_request", nil).reply["supported_features"]; !reflect.DeepEqual(got, []any{"kernel subshells"}) {
		t.Errorf("features %v", got)
	}
	if ids := c.list(); len(ids) != 0 {
		t.Errorf("at first: %v", ids)
	}
	first, second := c.open(), c.open()
	if ids := c.list(); !reflect.DeepEqual(ids, []any{first, second}) || first == second {
		t.Errorf("%v, want %s and %s", ids, first, second)
	}
	gone := map[string]any{"subshell_id": first}
	if a := c.ask(Control, "delete_subshell_request", gone); a.kind != "delete_subshell_reply" || a.reply["status"] != "ok" {
		t.Errorf("%s %v", a.kind, a.reply)
	}
	if ids := c.list(); !reflect.DeepEqual(ids, []any{second}) {
		t.Errorf("%v, want %s", ids, second)
	}
	for _, again := range []any{gone, map[string]any{}} {
		if r := c.ask(Control, "delete_subshell_request", again).reply; r["status"] != "error" || r["evalue"] == "" || r["traceback"] == nil {
			t.Errorf("deleting what is not there: %v", r)
		}
	}
	for _, kind := range []string{"execute_request", "complete_request", "history_request", "kernel_info_request"} {
		a := c.askIn(first, kind, executeContent("say a"))
		if a.reply["status"] != "error" || a.reply["ename"] != "SubshellError" || len(a.outputs) != 0 {
			t.Errorf("%s in a subshell that is gone: %v", kind, a.reply)
		}
	}
	for range mostSubshells - 1 {
		c.open()
	}
	if r := c.ask(Control, "create_subshell_request", nil).reply; r["status"] != "error" {
		t.Errorf("one more than may be: %v", r)
	}
}

func TestKernelWithoutSubshells(t *testing.T) {
	c := start(t, &toy{})
	if got := c.ask(Shell, "kernel_info_request", nil).reply["supported_features"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("features %v", got)
	}
	if r := c.ask(Control, "create_subshell_request", nil).reply; r["status"] != "error" {
		t.Errorf("%v", r)
	}
	if r := c.askIn("any", "execute_request", executeContent("say a")).reply; r["status"] != "ok" { // the name is not looked at
		t.Errorf("%v", r)
	}
}

// Each shell counts its own cells and remembers them; null names the main one.
func TestSubshellCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	history, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := withSubshells(t, func(o *Options) { o.History = history })
	sub := c.open()
	for _, tc := range []struct {
		in    any
		code  string
		count float64
	}{{nil, "say a", 1}, {sub, "say b", 1}, {nil, "say c", 2}, {"", "say d", 3}, {sub, "say e", 2}} {
		if a := c.askIn(tc.in, "execute_request", executeContent(tc.code)); a.reply["execution_count"] != tc.count {
			t.Errorf("%s: %v, want %v", tc.code, a.reply["execution_count"], tc.count)
		}
	}
	for in, want := range map[any][]any{
		nil: {[]any{1.0, 1.0, "say a"}, []any{1.0, 2.0, "say c"}, []any{1.0, 3.0, "say d"}},
		sub: {[]any{2.0, 1.0, "say b"}, []any{2.0, 2.0, "say e"}},
	} {
		a := c.askIn(in, "history_request", map[string]any{"hist_access_type": "range", "session": 0, "start": 1})
		if !reflect.DeepEqual(a.reply["history"], want) {
			t.Errorf("history of %v: %v, want %v", in, a.reply["history"], want)
		}
	}
	later, err := OpenHistory(path)
	if err != nil || len(later.all()) != 5 {
		t.Errorf("%d cells were kept (%v), want 5", len(later.all()), err)
	}
}

// While a cell runs in one shell, the others answer; a failure aborts only what is queued in its own.
func TestSubshellsRunBeside(t *testing.T) {
	c, s := withSubshells(t)
	first, second := c.open(), c.open()
	main := c.send(Shell, "execute_request", executeContent("wait"))
	<-s.started
	c.drop(2) // busy, execute_input
	long := c.sendTo(first, Shell, "execute_request", executeContent("wait"))
	<-s.started
	c.drop(2)
	behind := c.sendTo(first, Shell, "execute_request", executeContent("say behind"))
	a := c.askIn(second, "execute_request", executeContent("say a"))
	if a.reply["status"] != "ok" || kinds(a.outputs) != "execute_input stream" {
		t.Errorf("beside two: %v %s", a.reply, kinds(a.outputs))
	}
	for _, running := range []string{main, long} { // they are told of again
		if m := c.published(); state(m) != "busy" || parent(m) != running {
			t.Errorf("%s %s of %s, want busy of %s", m.Header.Type, m.Content, parent(m), running)
		}
	}
	failed := c.sendTo(second, Shell, "execute_request", executeContent("fail x"))
	if r := receive(t, c.shell.messages); parent(r) != failed || fields(r)["status"] != "error" {
		t.Errorf("%s", r.Content)
	}
	// Deleting a subshell ends its cell and refuses what is behind it; the main shell goes on.
	c.send(Control, "delete_subshell_request", map[string]any{"subshell_id": first})
	if r := receive(t, c.control.messages); fields(r)["status"] != "ok" {
		t.Errorf("%s", r.Content)
	}
	got := map[string]any{}
	for range 2 {
		r := receive(t, c.shell.messages)
		got[parent(r)] = fields(r)["status"]
	}
	if want := (map[string]any{long: "error", behind: "aborted"}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	c.send(Control, "interrupt_request", nil)
	if r := receive(t, c.shell.messages); parent(r) != main || fields(r)["ename"] != "Interrupted" {
		t.Errorf("%s", r.Content)
	}
}

// An interrupt is the kernel's: it ends the cells of all shells.
func TestInterruptOfAllShells(t *testing.T) {
	c, s := withSubshells(t)
	want := map[string]bool{}
	for _, in := range []any{nil, c.open(), c.open()} {
		want[c.sendTo(in, Shell, "execute_request", executeContent("wait"))] = true
		<-s.started
	}
	c.send(Control, "interrupt_request", nil)
	got := map[string]bool{}
	for range want {
		r := receive(t, c.shell.messages)
		got[parent(r)] = fields(r)["ename"] == "Interrupted"
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Two shells ask the same person: each answer goes where it belongs, whether the client names the question, the subshell,
// or nothing, which is the main shell.
func TestSubshellsAsk(t *testing.T) {
	c, _ := withSubshells(t)
	sub, third := c.open(), c.open()
	cells := map[string]string{}
	var last *message.Message
	for _, in := range []string{"", sub, third} {
		cells[c.sendTo(in, Shell, "execute_request", executeContent("ask which?"))] = in
		last = receive(t, c.stdin.messages)
	}
	c.sendTo("no such", Stdin, "input_reply", map[string]any{"value": "nobody's"})
	c.sendTo(sub, Stdin, "input_reply", map[string]any{"value": sub})
	c.send(Stdin, "input_reply", map[string]any{"value": ""})
	frames, err := c.codec.Encode(message.Outgoing{Type: "input_reply", Parent: encoded(t, last.Header), Content: map[string]any{"value": third}})
	if err != nil {
		t.Fatal(err)
	}
	c.memory.receiver.Receive(Stdin, c.stdin, frames)
	for range cells {
		if r := receive(t, c.shell.messages); fields(r)["status"] != "ok" {
			t.Errorf("%s", r.Content)
		}
	}
	for got := 0; got < len(cells); {
		m := c.published()
		if m.Header.Type != "display_data" {
			continue
		}
		if got++; plainOf(m) != "got "+cells[parent(m)] {
			t.Errorf("the cell in %q has %q", cells[parent(m)], plainOf(m))
		}
	}
}

func encoded(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
