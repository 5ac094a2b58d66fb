package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
)

// expandFiles puts the lines of FILE in the place of an argument @FILE.
func expandFiles(args []string, depth int) ([]string, error) {
	var all []string
	for _, arg := range args {
		name, is := strings.CutPrefix(arg, "@")
		if !is || name == "" {
			all = append(all, arg)
			continue
		}
		if depth > 8 {
			return nil, fmt.Errorf("%s: files of arguments name each other", arg)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, disk.Plain(err))
		}
		var lines []string
		for _, line := range strings.Split(string(text), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		if lines, err = expandFiles(lines, depth+1); err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// words takes what is no option: captures, or one of the original's subcommands.
func (a *arguments) words(words []string) error {
	if len(words) > 0 {
		switch strings.ReplaceAll(words[0], "-", "_") {
		case "pcap2csv":
			return a.pcap2csv(words[1:])
		case "pcap2sql", "csv2sql":
			return a.sql(words[0], words[1:])
		}
		if near := spelling.Nearest(words[0], []string{"pcap2csv", "pcap2sql", "csv2sql"}); near != "" && !exists(words[0]) {
			return fmt.Errorf("%s is neither a file nor a subcommand: did you mean %s?", words[0], near)
		}
	}
	a.inputs = words
	if len(words) == 0 && !a.schema {
		return errors.New("which capture? (- is standard input)")
	}
	return nil
}

// pcap2csv INPUT [FIELDS.json]: the output is named after the input, in the working directory.
func (a *arguments) pcap2csv(words []string) error {
	if len(words) == 0 || len(words) > 2 {
		return errors.New("pcap2csv takes a capture and a JSON file of fields")
	}
	a.inputs, a.format = words[:1], "csv"
	if len(words) == 2 {
		a.fields = []string{words[1]}
	}
	if a.output == "" {
		a.output = stem(words[0]) + ".csv"
	}
	return nil
}

func (a *arguments) sql(name string, words []string) error {
	if len(words) == 0 || len(words) > 2 {
		return fmt.Errorf("%s takes an input and, if wanted, the name of the database", name)
	}
	a.inputs, a.format, a.importing = words[:1], "sqlite", name == "csv2sql"
	switch {
	case len(words) == 2:
		a.output = words[1]
	case a.output == "":
		a.output = stem(words[0]) + ".sqlite"
	}
	return nil
}

// stem is a file's name without folders and extensions, of compressed ones too.
func stem(name string) string {
	if name == "-" {
		return "stdin"
	}
	name = filepath.Base(name)
	for _, zip := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, zip)
	}
	return strings.TrimSuffix(name, filepath.Ext(name))
}
