package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// profiledLoads is how often the capture is loaded under the profiler.
const profiledLoads = 20

// writeProfile writes what loading spends its time with, for the compiler to inline by (go build -pgo). Go's default of
// looking for such a file beside each program is not used: every library would be compiled anew for every program.
func writeProfile(name string, o options) error {
	if o.capture == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.capture = filepath.Join(dir, "bulk.pcap")
		if err := generate(o); err != nil {
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
	for range profiledLoads {
		if err := loadOnce(o.capture); err != nil {
			pprof.StopCPUProfile()
			return err
		}
	}
	pprof.StopCPUProfile()
	return out.Close()
}

func loadOnce(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = trace.Load(context.Background(), f, trace.Options{})
	return err
}
