package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/testdata/bench/work"
)

// program is one that is measured.
type program struct {
	name string
	args []string
	env  []string
	ours bool // prints work.Told
	once bool
	// most is how many packets it is given, if not all.
	most int
	runs []measured
	told work.Told
}

// measured is one run of it.
type measured struct {
	cpu, wall time.Duration
	kernel    time.Duration // of cpu
	peak      int64         // bytes of memory, 0 if not known
}

// programs lists what is there to be measured. load comes first: the ratios are to it.
func programs(o options, dir string) ([]*program, error) {
	worker := filepath.Join(dir, "child")
	if err := build(worker, nil, "-pgo="+pgoFile); err != nil {
		return nil, err
	}
	child := func(what string) *program {
		return &program{name: what, args: []string{worker, what, o.capture}, ours: true}
	}
	list := []*program{child("load"), child("decode"), child("read")}
	other, err := shapes(o, dir, worker)
	if err != nil {
		return nil, err
	}
	list = append(list, other...)
	list = append(list, pairing(o, dir, child("pair"))...)
	list = append(list, built("analyzer lc", "mptcpanalyzer", "--load", o.capture, "lc")...)
	list = append(list, built("export csv", "mptcpexporter", "-o", os.DevNull, o.capture)...)
	list = append(list, built("export piped", "mptcpexporter", "--one-pass", "-o", os.DevNull, o.capture)...)
	list = append(list, built("export parquet", "mptcpexporter", "-o", filepath.Join(dir, "out.parquet"), o.capture)...)
	if o.wasm {
		p, err := wasm(o, dir)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		list = append(list, wiregasm(o.capture)...)
	}
	list = append(list, found("cat", o.capture)...)
	list = append(list, found("tcpdump", "-r", o.capture, "-w", os.DevNull)...)
	list = append(list, found("tcptrace", "-n", o.capture)...)
	if o.tshark {
		shark, err := tshark(o, dir)
		if err != nil {
			return nil, err
		}
		list = append(list, shark...)
	}
	return list, nil
}

// pgoFile is what the Makefile has the compiler know of loading, too.
const pgoFile = "testdata/bench/load.pgo"

// build compiles testdata/bench/child.
func build(binary string, env []string, flags ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath"}, flags...), "-o", binary, "./testdata/bench/child")...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// shapes are loads of captures of other shapes, with half of the packets each. What is not usual in a capture must not be slow.
func shapes(o options, dir, worker string) (list []*program, err error) {
	for what, args := range map[string][]string{"pcapng": {"-pcapng"}, "bare": {"-bare"}, "sums cut": {"-checksum"}, "sums": {"-checksum", "-snaplen", "0"}} {
		name, most := filepath.Join(dir, what), o.packets/2
		if err := generate(name, append(args, "-packets", fmt.Sprint(most))...); err != nil {
			return nil, err
		}
		list = append(list, &program{name: "load " + what, args: []string{worker, "load", name}, most: most})
	}
	slices.SortFunc(list, func(a, b *program) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// pairing is the program that brings two captures together, if the other end's can be made of the first.
func pairing(o options, dir string, p *program) []*program {
	other := filepath.Join(dir, "server.pcap")
	out, err := exec.Command("go", "run", "./testdata/gen/pair", "-o", other, o.capture).CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s, pair is left out\n", strings.TrimSpace(string(out)))
		return nil
	}
	p.args = append(p.args, other)
	return []*program{p}
}

// built is a program of ours, if it was built.
func built(name, file string, args ...string) []*program {
	path := filepath.Join("bin", file)
	if _, err := os.Stat(path); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s was not built, it is left out\n", path)
		return nil
	}
	return []*program{{name: name, args: append([]string{path}, args...)}}
}

// found is a program of others, if it is installed.
func found(name string, args ...string) []*program {
	path, err := exec.LookPath(name)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s is not installed, it is left out\n", name)
		return nil
	}
	return []*program{{name: name, args: append([]string{path}, args...)}}
}

// wiregasm is Wireshark compiled to WebAssembly, run by node as ours is, if it is installed. It takes minutes.
func wiregasm(capture string) []*program {
	if _, err := os.Stat("testdata/bench/peers/node_modules"); err != nil {
		fmt.Fprintln(os.Stderr, "bench: wiregasm is not installed (make peers), it is left out")
		return nil
	}
	list := found("node", "testdata/bench/peers/wiregasm.mjs", capture)
	for _, p := range list {
		p.name, p.once = "wiregasm", true
	}
	return list
}

// wasm is load, compiled for js/wasm and run by node.
func wasm(o options, dir string) (*program, error) {
	binary := filepath.Join(dir, "bench.wasm")
	if err := build(binary, []string{"GOOS=js", "GOARCH=wasm"}, "-ldflags=-s -w"); err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	runner := filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec_node.js")
	capture, err := filepath.Abs(o.capture)
	if err != nil {
		return nil, err
	}
	return &program{
		name: "load in wasm",
		args: []string{"node", "--stack-size=8192", runner, binary, "load", capture},
		env:  []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + dir}, // Go's runner wants a small environment
		ours: true,
	}, nil
}

// measure runs the program once, after a run that does not count unless there is to be one only: memory that the system has not given
// to anyone lately is slow to come, in a virtual machine by as much as a whole loading takes.
func (p *program) measure() error {
	if !p.once {
		_ = p.command().Run() // what fails will fail again, and say why
	}
	cmd := p.command()
	var out, complaint bytes.Buffer
	if p.ours {
		cmd.Stdout = &out
	}
	cmd.Stderr = &complaint
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(complaint.String()))
	}
	p.runs = append(p.runs, measured{
		cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), kernel: cmd.ProcessState.SystemTime(),
		wall: time.Since(start),
		peak: peak(cmd.ProcessState),
	})
	if p.ours {
		return json.Unmarshal(out.Bytes(), &p.told)
	}
	return nil
}

func (p *program) command() *exec.Cmd {
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Env = p.env
	return cmd
}

func machine() string {
	return fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
