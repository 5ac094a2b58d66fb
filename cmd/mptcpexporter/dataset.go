package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/columnar"
)

// dataset writes a partitioned dataset. It is made in a folder beside the output, and takes its name when it is whole.
func (w *work) dataset(ctx context.Context) (done tally, err error) {
	target := filepath.Clean(w.args.output)
	_, missing := os.Stat(target)
	if missing == nil && !w.args.add {
		return done, fmt.Errorf("%s is there already: --append adds a further capture to it", target)
	}
	job, err := w.job()
	if err != nil {
		return done, err
	}
	draft, err := disk.CreateFolder(target)
	if err != nil {
		return done, fmt.Errorf("%s: %w", target, err)
	}
	defer draft.Discard()
	set, err := columnar.NewDataset(draft.Path, w.args.by, job.Output)
	if err != nil {
		return done, wrong(err)
	}
	if missing == nil {
		if err := set.Fits(target); err != nil {
			return done, disk.Plain(err)
		}
	}
	writing := job.Into(set)
	if done, err = w.captures(ctx, job, writing, w.args.inputs); err != nil {
		writing.Abandon()
		return done, err
	}
	err = writing.Close()
	if err == nil {
		err = draft.Sync()
	}
	if err == nil {
		err = publish(draft.Path, target)
	}
	return done, err
}

// publish gives a finished dataset its name, or moves its one folder into the dataset that is there.
func publish(draft, target string) error {
	if err := os.Chmod(draft, 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(target); errors.Is(err, os.ErrNotExist) {
		return os.Rename(draft, target)
	}
	parts, err := os.ReadDir(draft)
	if err != nil {
		return err
	}
	if len(parts) != 1 {
		return fmt.Errorf("%s: %d folders cannot be added at once: add one capture at a time, partitioned by capture first", target, len(parts))
	}
	to := filepath.Join(target, parts[0].Name())
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("%s is there already", to)
	}
	return os.Rename(filepath.Join(draft, parts[0].Name()), to)
}
