package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// setSecret reads the key file of --anonymize, or makes it; without one the secret is forgotten in the end.
func (w *work) setSecret() error {
	if !w.args.anonymize {
		return nil
	}
	w.secret = mask.NewSecret()
	name := w.args.key
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return newSecretFile(name, mask.Encode(w.secret))
	}
	if err == nil {
		w.secret, err = mask.Decode(string(text))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, disk.Plain(err))
	}
	return nil
}

// learnEnds reads all captures of a run once before they are anonymized: what one tells by a token, another one may tell by its
// key, and both must become the same.
func (w *work) learnEnds(ctx context.Context) error {
	if !w.args.anonymize || w.args.merge || len(w.args.inputs) < 2 {
		return nil
	}
	for i, name := range w.args.inputs {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue // a pipe can be read once only
		}
		sources, size, err := open(w.args.inputs[i : i+1])
		if err != nil {
			return err
		}
		d, err := trace.Scan(ctx, sources[0], ignored{}, trace.Options{Progress: w.progress(name, size)})
		closeAll(sources)
		if err != nil {
			return blame(w.args.inputs[i:i+1], err)
		}
		w.ends = append(w.ends, mask.Ends(d)...)
	}
	return nil
}

// ignored takes rows that nobody asks for.
type ignored struct{}

// Add does nothing.
func (ignored) Add(*trace.Context, *trace.Row) error { return nil }

// newSecretFile writes a file that only its owner may read.
func newSecretFile(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, disk.Plain(err))
	}
	return nil
}
