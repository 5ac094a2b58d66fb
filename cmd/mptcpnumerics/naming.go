package main

import (
	"context"
	"errors"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// What is typed becomes a line of the command numerics; what that answers is told in the words that were typed.

const taken = "from-capture "

// named is an error of the command numerics as one of this program, with the capture in the line where it was typed.
func (c *calculator) named(err error) error {
	var e *core.LineError
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	insert := func(at int, word string) {
		told.Text = told.Text[:at] + word + told.Text[at:]
		if told.Start >= at {
			told.Start += len(word)
		}
		if told.End > at {
			told.End += len(word)
		}
	}
	if strings.HasPrefix(told.Text, "numerics ") {
		insert(0, "mptcp")
	}
	if at := len("mptcpnumerics " + taken); c.capture != "" && strings.HasPrefix(told.Text, "mptcpnumerics "+taken) {
		insert(at, c.capture+" ")
	}
	told.Message, told.Usage = c.own(e.Message), c.own(e.Usage)
	return &told
}

// own puts the program's name in the place of the command's.
func (c *calculator) own(text string) string {
	for _, mark := range []string{": ", " "} {
		if rest, ok := strings.CutPrefix(text, "numerics"+mark); ok {
			text = "mptcpnumerics" + mark + rest
		}
	}
	if c.capture != "" {
		text = strings.Replace(text, "mptcpnumerics TOPOLOGY ", "mptcpnumerics "+taken+"CAPTURE ", 1)
	}
	return text
}

// asksHelp says whether a word asks for help.
func asksHelp(word string) bool { return word == "help" || word == "h" || word == "?" }

// help explains the commands: the help of the command numerics, in this program's words.
func (c *calculator) help() error {
	return c.session.Run(context.Background(), "help numerics", renamed{c.out})
}

// renamed shows the help of the command numerics.
type renamed struct{ *output }

func (r renamed) Show(b display.Block) error {
	if t, ok := b.(*display.Text); ok {
		ours := *t
		ours.Title = "mptcpnumerics"
		ours.Body = strings.NewReplacer("\n\nAlso called: mptcpnumerics", "", " of the current capture", " of a capture", "  numerics "+taken, "  mptcpnumerics "+taken+"CAPTURE ",
			"  numerics ", "  mptcpnumerics ", "-o buffer.lp", "-o buffer.lp"+strings.Repeat(" ", len("CAPTURE ")), "a JSON file, or from-capture", "a JSON file, or from-capture CAPTURE").Replace(t.Body)
		b = &ours
	}
	return r.output.Show(b)
}
