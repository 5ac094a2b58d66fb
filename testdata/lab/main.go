package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// command is the program: it gives the exit status, 0 fine, 1 failed, 2 bad usage.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("lab", flag.ContinueOnError)
	fs.SetOutput(stderr)
	out := fs.String("out", "", "write each scenario's files to `DIR`/NAME")
	pack := fs.String("pack", "", "write both captures and the truth of each scenario, compressed, to `DIR`")
	publish := fs.String("publish", "", "copy what scenarios keep to `DIR`, and rewrite the table in DIR/../README.md")
	list := fs.Bool("list", false, "list scenarios (those given, or testdata/lab/scenarios) and exit")
	fs.Usage = func() {
		fmt.Fprintln(stderr, "usage: lab [-out DIR] [-publish DIR] [-pack DIR] scenario.json...\n       lab -list [scenario.json...]")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if !*list && (fs.NArg() == 0 || (*out == "" && *publish == "" && *pack == "")) {
		fs.Usage()
		return 2
	}
	err := work(ctx, fs.Args(), places{*out, *publish, *pack}, *list, stdout, stderr)
	if ctx.Err() != nil {
		err = errors.New("interrupted; namespaces and devices are gone")
	}
	if err != nil {
		fmt.Fprintln(stderr, "lab:", err)
		return 1
	}
	return 0
}

// places are the folders that a run writes to; empty where it shall not.
type places struct{ out, publish, pack string }

// work reads all scenarios before it runs the first: a mistake in the last one is told at once.
func work(ctx context.Context, files []string, to places, list bool, stdout, stderr io.Writer) error {
	if list && len(files) == 0 {
		for _, pattern := range []string{"testdata/lab/scenarios/*.json", "testdata/lab/scenarios/more/*.json", "testdata/lab/scenarios/pairs/*.json"} {
			found, _ := filepath.Glob(pattern) // the patterns are well-formed
			files = append(files, found...)
		}
	}
	var scenarios []Scenario
	for _, f := range files {
		sc, err := readScenario(f)
		if err != nil {
			return err
		}
		scenarios = append(scenarios, sc)
	}
	if list {
		return listScenarios(scenarios, stdout)
	}
	if to.out == "" {
		dir, err := os.MkdirTemp("", "mptcplab")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		to.out = dir
	}
	for i := range scenarios {
		if err := one(ctx, &scenarios[i], to, stderr); err != nil {
			return fmt.Errorf("%s: %w", scenarios[i].Name, err)
		}
	}
	if to.publish != "" {
		return publishTable(to.publish)
	}
	return nil
}

// one runs one scenario, says in a line how it went, and publishes it if asked.
func one(ctx context.Context, sc *Scenario, to places, stderr io.Writer) error {
	began := time.Now()
	dir := filepath.Join(to.out, sc.Name)
	rep, err := perform(ctx, sc, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %d frames at the client, %d at the server, %.1f s\n", sc.Name,
		rep.Captures.Client.Frames, rep.Captures.Server.Frames, time.Since(began).Seconds())
	for _, f := range rep.Failed {
		fmt.Fprintf(stderr, "%s: %s\n", sc.Name, f)
	}
	if to.pack != "" {
		if err := packRun(sc, dir, to.pack); err != nil {
			return err
		}
	}
	if to.publish == "" {
		return nil
	}
	return publishRun(sc, dir, to.publish)
}

// listScenarios prints a line for each scenario.
func listScenarios(scenarios []Scenario, stdout io.Writer) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, sc := range scenarios {
		fmt.Fprintf(w, "%s\t%d paths\t%d flows\t%s\n", sc.Name, len(sc.Paths), len(sc.Flows), sc.Story)
	}
	return w.Flush()
}
