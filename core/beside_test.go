package core_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// said is the text of an answer, an error at its end.
func said(s *core.Session, line string) string {
	var shown collector
	err := s.Run(context.Background(), line, &shown)
	var b strings.Builder
	for _, block := range shown.blocks {
		if err := (text.Renderer{Human: true}).Block(&b, block); err != nil {
			b.WriteString(err.Error())
		}
	}
	if err != nil {
		b.WriteString(err.Error())
	}
	return b.String()
}

// What sessions beside each other share, and what each has for itself.
func TestBeside(t *testing.T) {
	first := loaded(t, "handover.client.pcapng")
	other := first.Beside()
	for i, step := range []struct {
		in   *core.Session
		line string
		want string // part of the answer
		also string // the current capture of the one, and of the other
	}{
		{other, "lc", "10.0.1.1:42234", "handover.client.pcapng handover.client.pcapng"},
		{first, "load fallback.client.pcapng", "2 MPTCP connections", "fallback.client.pcapng fallback.client.pcapng"},
		{other, "use 1", "handover", "fallback.client.pcapng handover.client.pcapng"},
		{first, "load signal-address.client.pcapng", "1 MPTCP connection", "signal-address.client.pcapng handover.client.pcapng"},
		{other, "load fallback.server.pcapng", "fallback.server", "signal-address.client.pcapng fallback.server.pcapng"},
		{first, "captures", "fallback.server.pcapng", "signal-address.client.pcapng fallback.server.pcapng"},
		{first, "load fallback.server.pcapng --as fallback.server.pcapng", "", "fallback.server.pcapng fallback.server.pcapng"},
		{other, "lc", "10.0.2.1:55060", "fallback.server.pcapng fallback.server.pcapng"}, // the one that was loaded anew
		{other, "set human_readable no", "", "fallback.server.pcapng fallback.server.pcapng"},
		{first, "set human_readable", "no", "fallback.server.pcapng fallback.server.pcapng"},
		{other, "history load", "fallback.server", "fallback.server.pcapng fallback.server.pcapng"},
	} {
		got := said(step.in, step.line)
		if current := first.Current() + " " + other.Current(); !strings.Contains(got, step.want) || current != step.also {
			t.Errorf("step %d: %s: current %s, want %s; answer\n%s", i, step.line, current, step.also, got)
		}
	}
	if got := said(other, "history"); strings.Contains(got, "signal-address") {
		t.Errorf("a command of the one is in the other's history:\n%s", got)
	}
	if n := len(first.Captures()); n != 4 {
		t.Errorf("%d captures, want 4", n)
	}
}

// outsiders are commands that look outside the session, change it, or wait.
var outsiders = []string{
	"load", "use", "run", "live", "plugins", "set", "charts", "clean_cache", "clean_pcap", "export", "history", "quit", "numerics",
}

// questions are a line for every other command and for every type of plot.
func questions(s *core.Session) []string {
	var lines []string
	for _, c := range s.Commands() {
		if !slices.Contains(outsiders, c.Name) {
			lines = append(lines, c.Name, c.Name+" 0", c.Name+" 0 Server")
		}
	}
	for _, item := range s.Complete("plot ", 5).Items {
		lines = append(lines, "plot "+item.Text+" 0", "plot "+item.Text+" 0 Server")
	}
	return lines
}

// Three sessions ask everything at the same time while a fourth loads the captures again and again: each is answered as if
// it were alone. The race detector looks on.
func TestSessionsBesideEachOther(t *testing.T) {
	s := loaded(t, "handover.client.pcapng handover.server.pcapng")
	lines := questions(s)
	want := map[string]string{}
	ask := func() *core.Session {
		one := s.Beside()
		said(one, "use 1")
		return one
	}
	alone := ask()
	for _, line := range lines {
		want[line] = said(alone, line)
	}
	over := make(chan struct{})
	var asking, loading sync.WaitGroup
	loading.Go(func() {
		for {
			for _, line := range []string{"load handover.client.pcapng", "load handover.server.pcapng", "use 1"} {
				select {
				case <-over:
					return
				default:
					said(s, line)
				}
			}
		}
	})
	for worker := range 3 {
		asking.Go(func() {
			one := ask()
			for i := range lines {
				line := lines[(i+worker*len(lines)/3)%len(lines)]
				if got := said(one, line); got != want[line] {
					t.Errorf("%s, beside others:\n%s\nalone:\n%s", line, got, want[line])
				}
			}
		})
	}
	asking.Wait()
	close(over)
	loading.Wait()
}
