// Command manual writes the manual page of a program of ours, section 1, out of the help that it prints: of the program
// itself and of the verbs named after it.
//
//	go run ./core/program/manual bin/mptcpkernel install doctor > mptcpkernel.1
//
// It refuses a program whose help does not say how it is used.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/program"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: manual PROGRAM [VERB]...")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "manual: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func write(w io.Writer, path string, verbs []string) error {
	name := strings.TrimSuffix(filepath.Base(path), ".exe")
	version, err := exec.Command(path, "--version").Output()
	if err != nil {
		return fmt.Errorf("--version: %w", err)
	}
	help, err := exec.Command(path, "--help").Output()
	if err != nil {
		return fmt.Errorf("--help: %w", err)
	}
	p := program.Parse(name, strings.TrimSpace(strings.TrimPrefix(string(version), name)), string(help))
	if len(p.Usage) == 0 {
		return fmt.Errorf("its help does not begin with its usage")
	}
	for _, verb := range verbs {
		help, err := exec.Command(path, verb, "--help").Output()
		if err != nil {
			return fmt.Errorf("%s --help: %w", verb, err)
		}
		of := program.Parse(name, "", string(help))
		p.Sections = append(p.Sections, program.Section{Head: "Options of " + verb, Entries: of.Options})
	}
	return p.Manual(w)
}
