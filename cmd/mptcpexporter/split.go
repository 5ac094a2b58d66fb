package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// split writes each capture to a file of its own, some at a time. The first error ends all.
func (w *work) split(ctx context.Context) (tally, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outputs, err := w.splitNames()
	if err != nil {
		return tally{}, err
	}
	var (
		all   tally
		first error
		group sync.WaitGroup
		free  = make(chan struct{}, w.args.jobs)
	)
	for i, input := range w.args.inputs {
		group.Add(1)
		free <- struct{}{}
		go func() {
			defer func() { <-free; group.Done() }()
			if ctx.Err() != nil {
				return
			}
			done, err := w.one(ctx, outputs[i], []string{input})
			w.mu.Lock()
			defer w.mu.Unlock()
			all.add(done)
			if err != nil && first == nil {
				first = err
				cancel()
			}
		}()
	}
	group.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return all, first
}

// splitNames names the outputs after the captures, in the folder that -o names.
func (w *work) splitNames() ([]string, error) {
	format, err := export.FormatByName(w.args.request.Format, formats())
	if err != nil {
		return nil, err
	}
	if w.args.output != "" {
		if err := os.MkdirAll(w.args.output, 0o777); err != nil {
			return nil, fmt.Errorf("%s: %w", w.args.output, disk.Plain(err))
		}
	}
	seen := map[string]string{}
	var names []string
	for _, input := range w.args.inputs {
		name := filepath.Join(w.args.output, stem(input)+format.Extensions[0])
		if other, taken := seen[name]; taken {
			return nil, misused("%s and %s would both be written to %s", other, input, name)
		}
		for _, i := range w.args.inputs {
			if sameFile(name, i) {
				return nil, misused("the output %s is a capture itself", name)
			}
		}
		seen[name] = input
		names = append(names, name)
	}
	return names, nil
}
