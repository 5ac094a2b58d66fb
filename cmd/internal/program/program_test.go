package program_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
)

func sample() *program.Program {
	flags := pflag.NewFlagSet("sample", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.StringP("load", "l", "", "load `FILE`, a capture, first (repeatable: the last one is the current one)")
	flags.Bool("very-long-option-that-stands-alone", false, "what it does is told on the next line")
	return &program.Program{
		Name: "sample", Version: "1", Summary: "Tell what it does, at some length so that it has to be broken",
		Usage: []string{"[OPTION]... [COMMAND WORD...]", "[OPTION]... [FILE]"}, Intro: ".one that begins with a dot\nand 'quotes", Flags: flags,
		Sections: []program.Section{
			{Head: "Commands", Entries: []program.Entry{{Term: "lc", What: "list connections", More: "Prose.\n\n  lc --csv  # as a table"}}},
			{Head: "Files", Manual: true, Text: "Only in the manual."},
		},
	}
}

// Lines are broken between words, and no word is lost.
func TestHelpFitsTheWidth(t *testing.T) {
	var whole bytes.Buffer
	if err := sample().Help(&whole, 0); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(whole.String(), "\n  -l, --load=FILE  load FILE, a capture, first (repeatable: the last one is the current one)\n") {
		t.Errorf("the option is not on a line:\n%s", whole.String())
	}
	for width := 20; width < 130; width++ {
		var narrow bytes.Buffer
		if err := sample().Help(&narrow, width); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Fields(narrow.String()), strings.Fields(whole.String()); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%d columns have other words:\n%s", width, narrow.String())
		}
		for _, line := range strings.Split(narrow.String(), "\n") {
			if len(line) > width && len(strings.Fields(line)) > 2 {
				t.Errorf("%d columns: a line has %d: %q", width, len(line), line)
			}
		}
	}
}

// Manual pages are such for man.
func TestManual(t *testing.T) {
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("man is not installed")
	}
	var page bytes.Buffer
	if err := sample().Manual(&page); err != nil {
		t.Fatal(err)
	}
	man := exec.Command("man", "--warnings", "-l", "-")
	man.Stdin = &page
	man.Env = append(man.Environ(), "MANWIDTH=78", "LC_ALL=C.UTF-8", "MANROFFOPT=", "MAN_KEEP_FORMATTING=")
	var complaints bytes.Buffer
	man.Stderr = &complaints
	text, err := man.Output()
	if err != nil || complaints.Len() > 0 {
		t.Errorf("man says %v\n%s", err, complaints.String())
	}
	for _, want := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "FILES"} {
		if !strings.Contains(string(text), "\n"+want) {
			t.Errorf("there is no %s:\n%s", want, text)
		}
	}
}
