package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Report is what is known about a run beside its captures and truth.csv.
type Report struct {
	Name     string `json:"name"`
	Story    string `json:"story"`
	Kernel   string `json:"kernel"`
	Captures struct {
		Client Counts `json:"client"`
		Server Counts `json:"server"`
	} `json:"captures"`
	App      []FlowReport `json:"app"`
	Counters bothCounters `json:"counters"`
	Failed   []string     `json:"failed,omitempty"` // connections that came to nothing

	watch stopwatch     // the run's clock
	zero  time.Duration // when traffic began, by it
}

// bothCounters are the kernels' counters at the end of the run.
type bothCounters struct {
	Client counters `json:"client"`
	Server counters `json:"server"`
}

func (b *bothCounters) of(role string, c counters) {
	if role == "client" {
		b.Client = c
	} else {
		b.Server = c
	}
}

// write writes app.json and report.json.
func (r *Report) write(dir string) error {
	return errors.Join(
		writeJSON(filepath.Join(dir, "app.json"), r.App),
		writeJSON(filepath.Join(dir, "report.json"), r))
}

func writeJSON(file string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
