package trace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// What is known of connections when all bytes are there is what the finished Trace says, and looking on changes nothing.
func TestSoFar(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", "captures", "*.pcapng"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain, looked := trace.NewLoader(trace.Options{}), trace.NewLoader(trace.Options{})
		for at := 0; at < len(content); at += 5000 {
			chunk := content[at:min(at+5000, len(content))]
			if plain.Feed(chunk) != nil || looked.Feed(chunk) != nil {
				t.Fatalf("%s cannot be read", name)
			}
			looked.SoFar(1000)
		}
		before := looked.SoFar(1000)
		whole, err := plain.Finish()
		if err != nil {
			t.Fatal(err)
		}
		after, err := looked.Finish()
		if err != nil {
			t.Fatal(err)
		}
		checkSoFar(t, filepath.Base(name), before, whole, false)
		checkSoFar(t, filepath.Base(name)+", finished", after, whole, true)
	}
}

func checkSoFar(t *testing.T, name string, got, want *trace.Trace, finished bool) {
	t.Helper()
	if len(got.Conns) != len(want.Conns) {
		t.Fatalf("%s: %d connections, want %d", name, len(got.Conns), len(want.Conns))
	}
	for i := range want.Conns {
		w := &want.Conns[i]
		found := false
		for k := range got.Conns {
			g := &got.Conns[k]
			if g.ID != w.ID {
				continue
			}
			found = true
			if len(g.Subflows) != len(w.Subflows) || g.Handshake != w.Handshake {
				t.Errorf("%s: connection %d has %d subflows, handshake %v; want %d, %v", name, w.ID, len(g.Subflows), g.Handshake, len(w.Subflows), w.Handshake)
			}
			for d := range w.Toward {
				if !finished && !want.Streams[w.Subflows[0].Stream].SYN && g.Toward[d].Unique == 0 {
					g.Toward[d].Unique = w.Toward[d].Unique // without a beginning, a few packets are placed at the end only
				}
				if !finished {
					g.Toward[d].Unique += w.Toward[d].Plain - g.Toward[d].Plain // what waits for a mapping is given up at the end only
				}
				if g.Toward[d].Packets != w.Toward[d].Packets || g.Toward[d].Unique != w.Toward[d].Unique || g.Toward[d].First != w.Toward[d].First || g.Toward[d].Last != w.Toward[d].Last {
					t.Errorf("%s: connection %d, direction %d: %+v, want %+v", name, w.ID, d, g.Toward[d], w.Toward[d])
				}
			}
			if a, b := &got.Streams[g.Subflows[0].Stream], &want.Streams[w.Subflows[0].Stream]; a.Client != b.Client || a.Server != b.Server {
				t.Errorf("%s: connection %d is from %s, want %s", name, w.ID, a.Client, b.Client)
			}
		}
		if !found {
			t.Errorf("%s: there is no connection %d", name, w.ID)
		}
	}
}
