package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
)

// file compares a capture, or the capture that a packet script makes.
func (r *report) file(t *tshark, name string) error {
	if filepath.Ext(name) != ".txtar" {
		return r.compare(t, name, name)
	}
	archive, err := txtar.ParseFile(name)
	if err != nil {
		return err
	}
	for _, f := range archive.Files {
		if f.Name != "script" {
			continue
		}
		b, err := dissecttest.Capture(string(f.Data))
		if err != nil {
			return err
		}
		made := filepath.Join(t.config, "script.pcapng")
		if err := os.WriteFile(made, b, 0o600); err != nil {
			return err
		}
		return r.compare(t, name, made)
	}
	return fmt.Errorf("no script in it")
}
