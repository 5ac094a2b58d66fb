package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// append adds to a file of lines: what is there is copied, the new rows follow, and the copy takes the old one's place.
// The heads must be the same.
func (w *work) append(_ context.Context, output string, write func(io.Writer) error) error {
	old, err := os.Open(output)
	if errors.Is(err, os.ErrNotExist) {
		return disk.Save(output, write)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", output, disk.Plain(err))
	}
	defer old.Close()
	if info, err := old.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return disk.Save(output, write)
	}
	return disk.Save(output, func(out io.Writer) error {
		if w.args.request.Format == "jsonl" {
			if err := copyLines(out, old); err != nil {
				return err
			}
			return write(out)
		}
		return write(&behind{out: out, old: old, name: output})
	})
}

// copyLines copies the rest of a file, and ends its last line if nothing did.
func copyLines(out io.Writer, old *os.File) error {
	info, err := old.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := old.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	if _, err := io.Copy(out, old); err != nil || last[0] == '\n' {
		return err
	}
	_, err = out.Write([]byte{'\n'})
	return err
}

// behind drops the line of heads, once it is seen to be that of the old file, and copies the old file first.
type behind struct {
	out  io.Writer
	old  *os.File
	name string
	head []byte
	done bool
}

func (b *behind) Write(p []byte) (int, error) {
	if b.done {
		return b.out.Write(p)
	}
	n := len(p)
	b.head = append(b.head, p...)
	end := bytes.IndexByte(b.head, '\n')
	if end < 0 {
		return n, nil
	}
	was := make([]byte, end+1)
	if read, err := io.ReadFull(b.old, was); !bytes.Equal(was[:read], b.head[:end+1]) {
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return 0, err
		}
		return 0, fmt.Errorf("%s has other columns: it is not added to", b.name)
	}
	if _, err := b.out.Write(was); err != nil {
		return 0, err
	}
	if err := copyLines(b.out, b.old); err != nil {
		return 0, err
	}
	b.done = true
	_, err := b.out.Write(b.head[end+1:])
	return n, err
}
