package core

import (
	"context"
	"errors"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// ErrQuit is the cause of the error that Run gives for `quit`: the face ends the session.
var ErrQuit = errors.New("the session is over")

var historyCommand = Command{
	Name:    "history",
	Summary: "list the commands of this session",
	Help: `The commands that were run in this session, numbered from 1; those that failed too. With a word only those that contain
it.`,
	Examples: []Example{
		{"history", "list them"},
		{"history plot", "only those with plot in them"},
	},
	Params: listing(Param{Name: "WORD", Kind: Text, Doc: "part of the commands wanted"}),
	Run: func(_ context.Context, c *Call) error {
		lines := c.Session.history()
		var rows []int
		for i, line := range lines {
			if strings.Contains(line, c.Word("WORD")) {
				rows = append(rows, i)
			}
		}
		return c.showTable(&Loaded{}, &display.Table{
			Name: "history", Title: "Commands of this session", Rows: len(rows), Empty: "none",
			Columns: []display.Column{
				{Key: "number", Head: "No", Exact: true, Doc: "in the order of running"},
				{Key: "command", Head: "Command", Wide: true, Doc: "as it was typed"},
			},
			Cell: func(row, col int) display.Value {
				if col == 0 {
					return display.Uint(uint64(rows[row]) + 1)
				}
				return display.Str(lines[rows[row]])
			},
		})
	},
}

// maxHistory is how many commands a session remembers.
const maxHistory = 10_000

// remember adds a command to the session's history.
func (s *Session) remember(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == maxHistory {
		s.lines = append(s.lines[:0], s.lines[1:]...)
	}
	s.lines = append(s.lines, line)
}

func (s *Session) history() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}
