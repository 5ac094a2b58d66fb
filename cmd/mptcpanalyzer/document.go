package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// document answers the words that ask for a document about the program instead of running a command: "completion SHELL",
// "manual", and what the completion scripts ask.
func document(words []string, s *core.Session, flags *pflag.FlagSet, w io.Writer) (handled bool, err error) {
	if len(words) == 0 {
		return false, nil
	}
	switch words[0] {
	case "completion":
		shell := ""
		if len(words) == 2 {
			shell = words[1]
		}
		script := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[shell]
		if script == "" {
			return true, &core.LineError{Message: "completion: for which shell?", Usage: "mptcpanalyzer completion bash|zsh|fish", Misuse: true}
		}
		_, err = io.WriteString(w, script)
		return true, err
	case "manual":
		return true, about(s.Commands(), flags).Manual(w)
	case completing:
		complete(words[1:], s, flags, w)
		return true, nil
	}
	return false, nil
}

// about is what the program tells of itself.
func about(commands []*core.Command, flags *pflag.FlagSet) *program.Program {
	p := &program.Program{
		Name: "mptcpanalyzer", Version: core.Version(), Flags: flags,
		Summary: "Tell what Multipath TCP connections did, from captures (pcap, pcapng)",
		Usage:   []string{"[OPTION]... [COMMAND WORD...]", "[OPTION]... [FILE]"},
		Intro:   "Without a command the interpreter starts. A FILE that is a capture is loaded into it; any other is a script.",
	}
	list := program.Section{Head: "Commands"}
	for _, c := range commands {
		list.Entries = append(list.Entries, program.Entry{Term: c.Name, What: c.Summary, More: explained(c)})
	}
	p.Sections = append(p.Sections, list,
		program.Section{Head: "Examples", Entries: []program.Entry{
			{Term: "mptcpanalyzer --load capture.pcapng lc", What: "list the connections of a capture"},
			{Term: "mptcpanalyzer --load capture.pcapng plot dsn 0 --out dsn.png", What: "draw one"},
			{Term: "mptcpanalyzer capture.pcapng", What: "look around in it"},
			{Term: "mptcpanalyzer --batch script", What: "run the commands of a file"},
			{Term: "mptcpanalyzer completion bash", What: "print the completion script of a shell: bash, zsh or fish"},
		}},
		console.ExitStatus("a command failed"))
	settings := program.Section{Head: "Settings", Manual: true,
		Text: "The configuration file holds lines NAME = VALUE in the section [mptcpanalyzer]; config shows what is in force, and set changes it."}
	for _, s := range core.SettingList() {
		settings.Entries = append(settings.Entries, program.Entry{Term: s.Name + " = " + s.Value, What: s.Doc + defaultOf(s)})
	}
	p.Sections = append(p.Sections, settings, program.Section{Head: "Files", Manual: true, Entries: []program.Entry{
		{Term: "$XDG_CONFIG_HOME/mptcpanalyzer/config", What: "the configuration"},
		{Term: "$XDG_CACHE_HOME/mptcpanalyzer", What: "dissected captures"},
		{Term: "$XDG_DATA_HOME/mptcpanalyzer/history", What: "the lines typed"},
		{Term: "$XDG_DATA_HOME/mptcpanalyzer/plugins", What: "plugins: programs called mptcpanalyzer-NAME"},
	}}, program.Section{Head: "Environment", Manual: true, Entries: []program.Entry{
		{Term: "NO_COLOR", What: "if set, no colours"}, {Term: "PAGER", What: "shows long answers, unless the settings say otherwise"},
	}})
	return p
}

func defaultOf(s core.Setting) string {
	switch {
	case s.Gone != "":
		return ": " + s.Gone
	case s.Default != "":
		return "; " + s.Default + " if not set"
	}
	return ""
}

// explained is a command's prose for the manual page.
func explained(c *core.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s\n\n%s\n", c.Usage(), c.Help)
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\nAlso called: %s.\n", strings.Join(c.Aliases, ", "))
	}
	for i, p := range c.Params {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  %s  %s\n", p.Term(), p.Meaning())
	}
	for i, e := range c.Examples {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  %s  # %s\n", e.Line, e.What)
	}
	return b.String()
}
