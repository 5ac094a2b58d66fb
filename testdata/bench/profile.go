package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/columnar"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// How often the capture is loaded, and how often written as a table in a format, under the profiler.
const (
	profiledLoads   = 20
	profiledExports = 3
)

// writeProfile writes what loading and writing tables spend their time with, for the compiler to inline by (go build -pgo). Go's default of
// looking for such a file beside each program is not used: every library would be compiled anew for every program.
func writeProfile(name string, o options) error {
	if o.capture == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.capture = filepath.Join(dir, "bulk.pcap")
		if err := generate(o.capture, "-packets", fmt.Sprint(o.packets)); err != nil {
			return err
		}
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	err = profiled(o.capture)
	pprof.StopCPUProfile()
	return errors.Join(err, out.Close())
}

// profiled is the work under the profiler.
func profiled(name string) error {
	for range profiledLoads {
		if _, err := loadOnce(name); err != nil {
			return err
		}
	}
	t, err := loadOnce(name)
	if err != nil {
		return err
	}
	formats := append(export.Formats(), columnar.Formats()...)
	for _, format := range []string{"csv", "parquet"} {
		for range profiledExports {
			if err := exportOnce(t, format, formats); err != nil {
				return err
			}
		}
	}
	return nil
}

func loadOnce(name string) (*trace.Trace, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return trace.Load(context.Background(), f, trace.Options{})
}

func exportOnce(t *trace.Trace, format string, formats []export.Format) error {
	job, err := export.NewJob(export.Request{Format: format}, formats)
	if err != nil {
		return err
	}
	w, err := job.Open(io.Discard)
	if err != nil {
		return err
	}
	return errors.Join(w.Trace(context.Background(), "bulk.pcap", t, nil), w.Close())
}
