package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
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
