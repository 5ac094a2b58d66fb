package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// conflicts finds options that exclude each other.
func (a *arguments) conflicts() error {
	switch {
	case a.relative && a.absolute:
		return errors.New("either --relative or --absolute")
	case a.onePass && a.twoPass:
		return errors.New("either --one-pass or --two-pass")
	case a.twoPass && slices.Contains(a.inputs, "-"):
		return errors.New("standard input cannot be read twice")
	case a.split && a.merge:
		return errors.New("either --split or --merge")
	case a.split && len(a.by) > 0:
		return errors.New("a dataset has its own folders: either --split or --partition")
	case a.jobs < 1:
		return fmt.Errorf("-j %d: one capture at a time is the least", a.jobs)
	case a.key != "" && !a.anonymize:
		return errors.New("--key is the key of --anonymize")
	case len(a.inputs) > 1 && slices.Contains(a.inputs, "-"):
		return errors.New("standard input stands alone, not among other captures")
	case a.importing && a.picks():
		return errors.New("csv2sql takes a whole table as it is: choose and mask where it is made, of a capture")
	case len(a.by) > 0 && a.output == "":
		return errors.New("--partition needs a folder: -o FOLDER")
	}
	return nil
}

// picks says whether options ask for a part of a table, or another form of it.
func (a *arguments) picks() bool {
	return a.anonymize || a.strict || a.dropSYN || a.split || a.merge || a.add || a.absolute || len(a.tables)+len(a.fields)+len(a.mptcp)+len(a.tcp) > 0 ||
		a.where+a.filter+a.dest+a.from+a.to+a.layout != ""
}

// checkOutput refuses an output that would destroy an input, and what cannot be added to.
func (a *arguments) checkOutput() error {
	for _, input := range a.inputs {
		if a.output != "" && sameFile(a.output, input) {
			return fmt.Errorf("the output %s is the capture itself", a.output)
		}
	}
	if !a.add {
		return nil
	}
	switch f := a.request.Format; {
	case a.output == "":
		return errors.New("--append needs an output file (-o)")
	case a.split:
		return errors.New("either --split or --append")
	case f == "csv", f == "tsv", f == "jsonl", f == "sqlite", len(a.by) > 0:
		return nil
	default:
		return fmt.Errorf("a file of format %s cannot be added to: it would not be whole meanwhile", f)
	}
}

// sameFile says whether two names are of one file, by whatever path or link: writing would destroy the capture.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
