package core

import (
	"bufio"
	"context"
	"io"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/sheet"
)

// headRoom is how long the line of column names of a table may be.
const headRoom = 1 << 14

// captureOrTable gives a capture as it is, and a table of packets as the capture that it tells of. It looks no further
// than a capture's first bytes, as more may not have come yet.
func captureOrTable(r io.Reader) (io.Reader, error) {
	if file, ok := r.(io.ReadSeeker); ok {
		if _, err := file.Seek(0, io.SeekCurrent); err == nil {
			return fileOrTable(file)
		}
	}
	in := bufio.NewReaderSize(r, headRoom)
	for n := 4; ; n = min(2*n, headRoom) {
		first, err := in.Peek(n)
		switch {
		case !isText(first):
			return in, nil
		case slices.Contains(first, '\n') && sheet.Looks(first):
			return sheet.Read(in)
		case slices.Contains(first, '\n'), err != nil, n == headRoom:
			return in, nil
		}
	}
}

// fileOrTable does so for a file, and gives a capture as it is, so that it can be mapped into memory.
func fileOrTable(file io.ReadSeeker) (io.Reader, error) {
	first := make([]byte, headRoom)
	n, err := io.ReadFull(file, first)
	if err != nil && n == 0 {
		return file, nil // reading it will tell
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if isText(first[:min(n, 4)]) && sheet.Looks(first[:n]) {
		return sheet.Read(file)
	}
	return file, nil
}

// isText says whether bytes may be the beginning of a table: no format of captures begins so.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return false
		}
	}
	return true
}

// ofTable says whether something was read from a table.
func ofTable(readers []io.Reader) bool {
	return slices.ContainsFunc(readers, func(r io.Reader) bool { _, table := r.(*sheet.Capture); return table })
}

// tablesBeside are the exports that stand beside captures that are gone, NAME.csv for each; nil if one of them has none.
func (c *Call) tablesBeside(ctx context.Context, names []string) []string {
	var beside []string
	for _, name := range names {
		if name == "-" {
			return nil
		}
		if source, err := c.openOne(ctx, name); err == nil {
			source.Close()
			beside = append(beside, name)
			continue
		}
		source, err := c.openOne(ctx, name+".csv")
		if err != nil {
			return nil
		}
		source.Close()
		beside = append(beside, name+".csv")
	}
	return beside
}
