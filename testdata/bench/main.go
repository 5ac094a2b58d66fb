// Bench measures how quickly a large capture is loaded, against other programs on the same file, in the same run:
//
//	go run ./testdata/bench [-packets 2000000] [-rounds 5] [-tshark] [-wasm] [-page] [CAPTURE]
//
// Without a capture it has testdata/gen/bulk make one. Every program is run twice per round, one after the other, so
// that a busy machine slows all of them, and only the second run counts; what is printed are medians of user+sys seconds, of wall seconds and of peak
// memory, and the ratio of the CPU seconds to ours. tshark takes minutes and is left out unless asked for; all columns it
// writes of the first packets only. The programs bin/mptcpanalyzer and bin/mptcpexporter are measured where they were built.
//
// What is ours is done by testdata/bench/child:
//
//	read     package capture hands out all frames, nothing looks at them
//	decode   and package packet decodes each
//	load     dissect/trace to finished tables: streams, connections, mappings, reinjections; also of captures of other shapes: pcapng,
//	         without TCP time stamps, with DSS checksums whose payload was cut or is whole
//	pair     two captures of that size loaded, then brought together by core/match: streams, packets, clocks; the time of
//	         its own is without the loading. The second capture is what testdata/gen/pair makes of the first.
//
// At the end stand the round trips of bin/mptcpkernel beside ipykernel's, where Debian's Jupyter is installed.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	var o options
	flag.IntVar(&o.packets, "packets", 2_000_000, "packets of the capture to generate")
	flag.IntVar(&o.rounds, "rounds", 5, "runs of each program")
	flag.BoolVar(&o.tshark, "tshark", false, "measure tshark as well, once (minutes)")
	flag.BoolVar(&o.wasm, "wasm", false, "measure load compiled for js/wasm and run by node as well")
	flag.BoolVar(&o.page, "page", false, "measure the page in Chromium as well (minutes)")
	profile := flag.String("profile", "", "write a CPU profile of loading the capture to this file, for the compiler, and measure nothing")
	flag.Parse()
	o.capture = flag.Arg(0)
	do := func() error { return run(o) }
	if *profile != "" {
		do = func() error { return writeProfile(*profile, o) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	packets, rounds int
	tshark, wasm    bool
	page            bool
	capture         string
}

func run(o options) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.capture == "" {
		o.capture = filepath.Join(dir, "bulk.pcap")
		if err := generate(o.capture, "-packets", fmt.Sprint(o.packets)); err != nil {
			return err
		}
	}
	list, err := programs(o, dir)
	if err != nil {
		return err
	}
	info, err := os.Stat(o.capture)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d bytes, %d rounds\n", o.capture, info.Size(), o.rounds)
	for i := range o.rounds {
		for _, p := range list {
			if p.once && i > 0 {
				continue
			}
			fmt.Fprintf(os.Stderr, "bench: round %d, %s\n", i+1, p.name)
			if err := p.measure(); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	report(os.Stdout, list)
	if err := latency(os.Stdout, o.capture, dir); err != nil || !o.page {
		return err
	}
	return page(os.Stdout, o.rounds)
}

// generate makes a capture by testdata/gen/bulk.
func generate(name string, args ...string) error {
	cmd := exec.Command("go", append([]string{"run", "./testdata/gen/bulk", "-o", name}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
