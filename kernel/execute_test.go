package kernel

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

func TestOutputs(t *testing.T) {
	c := start(t, &toy{})
	for _, tc := range []struct{ code, want string }{
		{"", "execute_input"},
		{"table a", "execute_input execute_result"},
		{"table a\ntable b", "execute_input display_data execute_result"},
		{"table a\ntext b", "execute_input display_data display_data"},
		{"text a\ntable b", "execute_input display_data execute_result"},
		{"say a\nsay b", "execute_input stream"},
		{"say a\ntable b\nsay c", "execute_input stream display_data stream"},
		{"say a\ncaution b\nsay c", "execute_input stream stream stream"},
		{"note a", "execute_input display_data"},
		{"page a", "execute_input"},
		{"table a\nfail b", "execute_input display_data error"},
		{"say a\nfail b", "execute_input stream error"},
		{"panic", "execute_input error"},
	} {
		if got := c.run(tc.code); kinds(got.outputs) != tc.want {
			t.Errorf("%q: %s, want %s", tc.code, kinds(got.outputs), tc.want)
		}
	}
}

func TestReply(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("table a")
	want := map[string]any{"status": "ok", "execution_count": 1.0, "payload": []any{}, "user_expressions": map[string]any{}}
	if a.kind != "execute_reply" || !reflect.DeepEqual(a.reply, want) {
		t.Errorf("%s %v, want %v", a.kind, a.reply, want)
	}
	result := fields(a.outputs[1])
	if result["execution_count"] != 1.0 || result["data"].(map[string]any)["text/plain"] != drawn(t, "a") {
		t.Errorf("result %v", result)
	}
	if input := fields(a.outputs[0]); input["code"] != "table a" || input["execution_count"] != 1.0 {
		t.Errorf("input %v", input)
	}
}

func TestErrorReply(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("say x\nfail wörd")
	if a.reply["status"] != "error" || a.reply["ename"] != "UsageError" || a.reply["evalue"] != "bad word: did you mean good?" {
		t.Errorf("reply %v", a.reply)
	}
	published := fields(a.outputs[len(a.outputs)-1])
	for _, field := range []string{"ename", "evalue", "traceback"} {
		if !reflect.DeepEqual(published[field], a.reply[field]) {
			t.Errorf("%s: published %v, replied %v", field, published[field], a.reply[field])
		}
	}
	var lines []string
	for _, l := range a.reply["traceback"].([]any) {
		lines = append(lines, uncoloured(l.(string)))
	}
	want := "UsageError: bad word: did you mean good?\n" +
		"line 2: fail wörd\n" +
		"             ^^^^\n" +
		"usage: fail WORD"
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("traceback\n%s\nwant\n%s", got, want)
	}
}

func uncoloured(s string) string {
	for _, code := range []string{red, bold, faint, plain} {
		s = strings.ReplaceAll(s, code, "")
	}
	return s
}

func TestCounting(t *testing.T) {
	c := start(t, &toy{})
	for _, tc := range []struct {
		code    string
		changes []any
		count   float64
	}{
		{"say a", nil, 1},
		{"say b", []any{"store_history", false}, 1},
		{"say c", []any{"silent", true}, 1},
		{"say c", []any{"silent", true, "store_history", true}, 1},
		{"  \n", nil, 1},
		{"fail x", nil, 2},
		{"say d", nil, 3},
	} {
		if got := c.run(tc.code, tc.changes...).reply["execution_count"]; got != tc.count {
			t.Errorf("%q %v: count %v, want %v", tc.code, tc.changes, got, tc.count)
		}
	}
	history := c.ask(Shell, "history_request", map[string]any{"hist_access_type": "tail", "n": 10})
	want := []any{[]any{1.0, 1.0, "say a"}, []any{1.0, 2.0, "fail x"}, []any{1.0, 3.0, "say d"}}
	if !reflect.DeepEqual(history.reply["history"], want) {
		t.Errorf("history %v, want %v", history.reply["history"], want)
	}
}

func TestSilentIsSilent(t *testing.T) {
	c := start(t, &toy{})
	for _, code := range []string{"table a\nsay b\ncaution c\npage d", "fail x", "progress x"} {
		if a := c.run(code, "silent", true); len(a.outputs) != 0 {
			t.Errorf("%q: %s", code, kinds(a.outputs))
		}
	}
}

func TestFailureAbortsWhatIsQueued(t *testing.T) {
	s := &toy{started: make(chan struct{}, 1)}
	c := start(t, s)
	var ids []string
	for _, code := range []string{"fail a", "say b", "say c"} {
		ids = append(ids, c.send(Shell, "execute_request", executeContent(code)))
	}
	for i, want := range []string{"error", "aborted", "aborted"} {
		a := c.await(Shell, ids[i])
		if a.reply["status"] != want {
			t.Errorf("cell %d: %v, want %s", i, a.reply["status"], want)
		}
		if want == "aborted" && (len(a.outputs) != 0 || len(a.reply) != 1) {
			t.Errorf("aborted cell: %v and %s", a.reply, kinds(a.outputs))
		}
	}
	if a := c.run("say d"); a.reply["status"] != "ok" || a.reply["execution_count"] != 2.0 {
		t.Errorf("the next cell: %v", a.reply)
	}
}

func TestFailureThatAbortsNothing(t *testing.T) {
	c := start(t, &toy{})
	first := c.send(Shell, "execute_request", executeContent("fail a", "stop_on_error", false))
	second := c.send(Shell, "execute_request", executeContent("say b"))
	if got := c.await(Shell, first).reply["status"]; got != "error" {
		t.Error(got)
	}
	if got := c.await(Shell, second).reply["status"]; got != "ok" {
		t.Error(got)
	}
}

func TestUserExpressions(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("say x", "user_expressions", map[string]any{"good": "table a", "bad": "fail x", "none": ""})
	got := a.reply["user_expressions"].(map[string]any)
	good := got["good"].(map[string]any)
	if good["status"] != "ok" || good["data"].(map[string]any)["text/plain"] != drawn(t, "a") || good["metadata"] == nil {
		t.Errorf("good: %v", good)
	}
	if bad := got["bad"].(map[string]any); bad["status"] != "error" || bad["ename"] != "UsageError" || bad["traceback"] == nil {
		t.Errorf("bad: %v", bad)
	}
	if none := got["none"].(map[string]any); none["status"] != "ok" || none["data"].(map[string]any)["text/plain"] != "" {
		t.Errorf("none: %v", none)
	}
	if kinds(a.outputs) != "execute_input stream" {
		t.Errorf("expressions were shown: %s", kinds(a.outputs))
	}
	if failed := c.run("fail x", "user_expressions", map[string]any{"a": "table a"}); len(failed.reply["user_expressions"].(map[string]any)) != 0 {
		t.Errorf("evaluated after a failure: %v", failed.reply)
	}
}

func TestStreamsAreGathered(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("many\ntable end\nsay last")
	text, messages := "", 0
	for _, m := range a.outputs {
		if m.Header.Type == "stream" {
			messages++
			text += fields(m)["text"].(string)
		}
	}
	if n := strings.Count(text, "row "); n != 5000 || !strings.HasSuffix(text, "last\n") {
		t.Errorf("%d rows of 5000, end %q", n, text[len(text)-10:])
	}
	if messages > 100 {
		t.Errorf("%d messages", messages)
	}
}

func TestPager(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("page help text")
	p := a.reply["payload"].([]any)[0].(map[string]any)
	if p["source"] != "page" || p["data"].(map[string]any)["text/plain"] != "help text" {
		t.Errorf("payload %v", p)
	}
	if a = c.run("page help text", "allow_stdin", false); kinds(a.outputs) != "execute_input display_data" || len(a.reply["payload"].([]any)) != 0 {
		t.Errorf("for a client that is no person: %s, payload %v", kinds(a.outputs), a.reply["payload"])
	}
}

func TestCautionsGoToStderr(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("caution cut short")
	if f := fields(a.outputs[1]); f["name"] != "stderr" || f["text"] != "warning: cut short\n" {
		t.Errorf("%v", f)
	}
}

// What a command shows takes the place of its progress, so that a notebook holds the same outputs at any speed.
func TestProgressGivesWay(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("say before\nprogress x.pcapng\ntable loaded\ntable more")
	first, last, id := 0, 0, ""
	for i, m := range a.outputs {
		switch m.Header.Type {
		case "display_data":
			if id == "" {
				first, id = i, displayID(m)
			}
		case "update_display_data":
			if last = i; displayID(m) != id {
				t.Errorf("update of %q, want %q", displayID(m), id)
			}
		}
	}
	if first == 0 || last <= first || id == "" {
		t.Fatalf("no progress: %s", kinds(a.outputs))
	}
	if got := plainOf(a.outputs[first]); got != "reading x.pcapng 50.0 %" {
		t.Errorf("progress %q", got)
	}
	if got := plainOf(a.outputs[last]); got != drawn(t, "loaded") {
		t.Errorf("the place of the progress holds %q", got)
	}
	if m := a.outputs[len(a.outputs)-1]; m.Header.Type != "execute_result" || plainOf(m) != drawn(t, "more") {
		t.Errorf("the last is %s %q", m.Header.Type, plainOf(m))
	}
}

func TestProgressOfAFailure(t *testing.T) {
	c := start(t, &toy{})
	a := c.run("progress x.pcapng\nfail y")
	updates := a.outputs[:len(a.outputs)-1]
	if got := plainOf(updates[len(updates)-1]); got != "reading x.pcapng: stopped at 50.0 %" {
		t.Errorf("left behind: %q", got)
	}
	if a = c.run("progress x.pcapng"); plainOf(a.outputs[len(a.outputs)-1]) != "" {
		t.Errorf("left behind: %q", plainOf(a.outputs[len(a.outputs)-1]))
	}
}

// drawn is the toy's table as text.
func drawn(t *testing.T, cell string) string {
	t.Helper()
	s, err := plainText(toyTable(cell))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func displayID(m *message.Message) string {
	var f struct {
		Transient struct {
			ID string `json:"display_id"`
		}
	}
	_ = json.Unmarshal(m.Content, &f) // decode has seen that it is an object
	return f.Transient.ID
}

func plainOf(m *message.Message) string {
	data, _ := fields(m)["data"].(map[string]any)
	s, _ := data["text/plain"].(string)
	return s
}

func TestFiles(t *testing.T) {
	var saved []string
	c := start(t, &toy{}, func(o *Options) {
		o.Save = func(f *display.File) error {
			if saved = append(saved, f.Name); f.Name == "bad" {
				return fmt.Errorf("bad: disk full")
			}
			return nil
		}
	})
	if a := c.run("file a.csv"); kinds(a.outputs) != "execute_input display_data" || plainOf(a.outputs[1]) != "saved a.csv" {
		t.Errorf("%s", kinds(a.outputs))
	}
	if a := c.run("file bad"); a.reply["evalue"] != "bad: disk full" {
		t.Errorf("%v", a.reply)
	}
	c.run("file quiet", "silent", true)
	if strings.Join(saved, " ") != "a.csv bad quiet" {
		t.Errorf("saved %v", saved)
	}
}

func TestAsking(t *testing.T) {
	c := start(t, &toy{})
	id := c.send(Shell, "execute_request", executeContent("ask which file?"))
	q := receive(t, c.stdin.messages)
	if f := fields(q); q.Header.Type != "input_request" || f["prompt"] != "which file?" || f["password"] != false || parent(q) != id {
		t.Errorf("question %s %v", q.Header.Type, f)
	}
	other := c.memory.connect(t, "another")
	other.send(Stdin, "input_reply", map[string]any{"value": "not mine to give"})
	c.send(Stdin, "input_reply", map[string]any{"value": "a.pcap"})
	a := c.await(Shell, id)
	if got := plainOf(a.outputs[len(a.outputs)-1]); got != "got a.pcap" {
		t.Errorf("answer %q", got)
	}
}

func TestAskingNobody(t *testing.T) {
	c := start(t, &toy{})
	for name, run := range map[string]func() answer{
		"not allowed": func() answer { return c.run("ask x", "allow_stdin", false) },
		"no stdin channel": func() answer {
			mute := c.memory.connect(t, "mute")
			mute.stdin = nil
			a := mute.run("ask x")
			c.outputs(parentOf(a))
			return a
		},
	} {
		if a := run(); a.reply["status"] != "error" || !strings.Contains(a.reply["evalue"].(string), "nobody") {
			t.Errorf("%s: %v", name, a.reply)
		}
	}
}

func parentOf(a answer) string { return parent(a.outputs[0]) }
