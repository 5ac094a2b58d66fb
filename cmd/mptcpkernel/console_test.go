package main

import (
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest/screen"
)

// The kernel in jupyter console, typed at in a real terminal: answers, completion, an error, the end.
// Interrupts are left out: the console itself falls over Ctrl-C, whichever kernel it has.
func TestConsole(t *testing.T) {
	need(t, "python3-jupyter-console", "jupyter_console")
	j := installed(t)
	s := screen.Start(t, screen.Window{Width: 150, Height: 50, Env: j.env, Term: "screen"}, python, "-m", "jupyter_console", "--kernel", "mptcpanalyzer")
	s.Sees("In [1]:")
	s.Keys("load "+filepath.Join(coretest.Captures(), "fallback.client.pcapng"), "Enter")
	s.Sees("2 MPTCP connections")
	s.Sees("In [2]:")
	s.Keys("l", "c", "Enter")
	s.Sees("fell back: ")
	s.Sees("In [3]:")
	s.Keys("summ", "Tab")
	s.Sees("In [3]: summary")
	s.Keys("C-u", "nosuch", "Enter")
	s.Sees(`unknown command "nosuch"`)
	s.Sees("In [4]:")
	s.Keys("C-d")
	s.Sees("Do you really want to exit")
	s.Keys("y", "Enter")
}
