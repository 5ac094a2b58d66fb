package program_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/program"
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

const printed = `Usage: sample [OPTION]... CAPTURE...
       sample verb CAPTURE [-o OUT]

Write what captures hold. CAPTURE is a file; - is standard input.
It may be large.

  -o, --output FILE   write to FILE
                      and nowhere else
      --where EXPR    keep packets for which EXPR is true

  install            make it known
  run FILE           serve it
  --version          print the version

A file is read twice.

Examples:
  sample --output x y
Exit status: 0 fine.
`

func TestParse(t *testing.T) {
	p := program.Parse("sample", "1.2", printed)
	if len(p.Usage) != 2 || p.Usage[1] != "verb CAPTURE [-o OUT]" || p.Summary != "Write what captures hold" || p.Intro != "CAPTURE is a file; - is standard input. It may be large." {
		t.Errorf("usage %q, summary %q, intro %q", p.Usage, p.Summary, p.Intro)
	}
	if len(p.Options) != 3 || p.Options[0].Term != "-o, --output FILE" || p.Options[0].What != "write to FILE and nowhere else" || p.Options[2].Term != "--version" {
		t.Errorf("options %+v", p.Options)
	}
	if len(p.Sections) != 3 || p.Sections[0].Head != "Commands" || len(p.Sections[0].Entries) != 2 || p.Sections[1].Text != "A file is read twice." || p.Sections[2].Head != "Examples" {
		t.Errorf("sections %+v", p.Sections)
	}
}

// The help that is written is understood again: both manual pages have the same options and sections.
func TestParseOwnHelp(t *testing.T) {
	var help bytes.Buffer
	if err := sample().Help(&help, 0); err != nil {
		t.Fatal(err)
	}
	p := program.Parse("sample", "1", help.String())
	if len(p.Usage) != 2 || !strings.HasPrefix(p.Summary, "Tell what it does") || len(p.Options) != 2 || len(p.Sections) != 1 {
		t.Errorf("%+v", p)
	}
}

// Manual pages are such for man.
func TestManual(t *testing.T) {
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("man is not installed")
	}
	for name, p := range map[string]*program.Program{"written": sample(), "parsed": program.Parse("sample", "1.2", printed)} {
		var page bytes.Buffer
		if err := p.Manual(&page); err != nil {
			t.Fatal(err)
		}
		man := exec.Command("man", "--warnings", "-l", "-")
		man.Stdin = &page
		man.Env = append(man.Environ(), "MANWIDTH=78", "LC_ALL=C.UTF-8", "MANROFFOPT=", "MAN_KEEP_FORMATTING=")
		var complaints bytes.Buffer
		man.Stderr = &complaints
		text, err := man.Output()
		if err != nil || complaints.Len() > 0 {
			t.Errorf("%s: man says %v\n%s", name, err, complaints.String())
		}
		for _, want := range []string{"NAME", "SYNOPSIS", "OPTIONS", "DESCRIPTION"} {
			if !strings.Contains(string(text), "\n"+want) {
				t.Errorf("%s: there is no %s:\n%s", name, want, text)
			}
		}
	}
}
