// Parity compares the packet columns with those of tshark, cell by cell, over every capture it is given:
//
//	go run ./testdata/parity [-v] [-fields tcpseq,dsn] [CAPTURE or FOLDER …]
//
// A capture may also be a packet script, as in testdata/packets. Without arguments it takes testdata/captures,
// testdata/packets and the folder that MPTCP_CORPUS names. It needs tshark; 4.0.17 is the
// version the expectations were made with. It prints, for each column, how many rows were compared, how many are equal,
// and how many differ; a difference is explained if a model of Wireshark's MPTCP analysis (model.go), which has the
// defects named in defect.go, gives exactly the text that tshark printed, and gives another one without one of these
// defects. Exit status 1 says that a difference has no explanation.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	var o options
	flag.BoolVar(&o.verbose, "v", false, "print explained differences as well, some of each kind")
	flag.IntVar(&o.show, "show", 5, "how many unexplained differences of a column to print for each capture")
	fields := flag.String("fields", "", "compare only these columns, by their short names")
	flag.Parse()
	if *fields != "" {
		o.fields = strings.Split(*fields, ",")
	}
	ok, err := run(flag.Args(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	verbose bool
	show    int
	fields  []string
}

// run compares all captures and prints the report. ok says that nothing is unexplained.
func run(args []string, o options) (ok bool, err error) {
	files, err := captures(args)
	if err != nil {
		return false, err
	}
	t, err := newTshark()
	if err != nil {
		return false, err
	}
	defer t.close()
	r := newReport(t.version, o)
	for _, name := range files {
		if err := r.file(t, name); err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r.print(os.Stdout), nil
}

// captures lists the capture files of the arguments, or of the usual places.
func captures(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{filepath.Join("testdata", "captures"), filepath.Join("testdata", "packets")}
		if dir := os.Getenv("MPTCP_CORPUS"); dir != "" {
			args = append(args, dir)
		} else {
			fmt.Fprintln(os.Stderr, "MPTCP_CORPUS is not set: only what is in testdata is compared")
		}
	}
	var files []string
	for _, root := range args {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst")
			if ext := filepath.Ext(name); path == root || ext == ".pcap" || ext == ".pcapng" || ext == ".txtar" {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no captures")
	}
	return files, nil
}
