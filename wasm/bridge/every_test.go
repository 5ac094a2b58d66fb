package bridge_test

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/bridge"
)

// cannot are the commands that a page has no means for, with what they say.
var cannot = map[string]string{
	"live":       "nothing can be captured here",
	"clean_pcap": "captures cannot be written here",
	"quit":       "there is nothing to leave here",
}

// Every command of the language answers in the page: its examples give blocks, or a sentence that says what is missing.
func TestEveryCommandAnswers(t *testing.T) {
	files := map[string][]byte{
		"client.pcapng":                 read(t, "nat-clocks.client.pcapng"),
		"server.pcapng":                 read(t, "nat-clocks.server.pcapng"),
		"many.pcapng":                   read(t, "many-connections.client.pcapng"),
		"two-path-upload.client.pcapng": read(t, "two-path-upload.client.pcapng"),
		"morning.mptcp":                 []byte("lc\nls 0\n"),
	}
	open := func(name string) (core.Source, error) {
		content, ok := files[name]
		if !ok {
			return core.Source{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return core.Source{ReadCloser: io.NopCloser(bytes.NewReader(content)), Size: int64(len(content))}, nil
	}
	for _, c := range core.Commands() {
		answered := false
		for _, captures := range []string{"client.pcapng server.pcapng", "many.pcapng"} {
			b := bridge.New(bridge.Options{Options: core.Options{Open: open}})
			run := func(line string) *recorder { return ask(t, b, map[string]any{"do": "run", "line": line}) }
			run("load " + captures)
			for _, x := range c.Examples {
				r := run(x.Line)
				failures := r.of("error")
				answered = answered || len(failures) == 0
				for _, e := range failures {
					said := e.text("message")
					if said == "" || strings.Contains(said, "panic") || strings.Contains(said, "bug") {
						t.Errorf("%s: %q", x.Line, said)
					}
					if want := cannot[c.Name]; want != "" && !strings.Contains(said, want) {
						t.Errorf("%s: %q, want %q", x.Line, said, want)
					}
				}
			}
		}
		if _, no := cannot[c.Name]; answered == no {
			t.Errorf("%s: answered is %v", c.Name, answered)
		}
	}
}
