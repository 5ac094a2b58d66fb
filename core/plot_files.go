package core

import (
	"context"
	"io"
	"path"
	"slices"
	"strings"
)

// matching lists the files that a word of a parameter names: itself, or where it has * or ?, those whose names fit.
func (c *Call) matching(param, pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, "*?") {
		return []string{pattern}, nil
	}
	if c.Session.options.Paths == nil {
		return nil, c.Blame(param, "%s: files cannot be listed here", pattern)
	}
	var found []string
	for _, name := range c.Session.options.Paths(pattern[:strings.IndexAny(pattern, "*?")]) {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return nil, c.Blame(param, "no file is named %s", pattern)
	}
	slices.Sort(found)
	return found, nil
}

// readWhole reads a file that is no capture, of at most so many bytes, one more if it is larger. A cancelled ctx ends it. Errors
// are about the word of a parameter.
func (c *Call) readWhole(ctx context.Context, param, name string, most int64) ([]byte, error) {
	source, err := c.openOne(ctx, name)
	if err != nil {
		return nil, c.blameFile(param, name, err)
	}
	defer context.AfterFunc(ctx, func() { source.Close() })()
	defer source.Close()
	text, err := io.ReadAll(io.LimitReader(source, most+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, c.blameFile(param, name, err)
	}
	return text, nil
}

// mostFileSize bounds what is read of a file that is no capture: none of these is nearly as large.
const mostFileSize = 256 << 20

// readFile opens a file that is no capture and hands it to read. Errors are about the word of a parameter.
func (c *Call) readFile(ctx context.Context, param, name string, read func(r io.Reader) error) error {
	readers, _, closeAll, err := c.open(ctx, param, []string{name})
	defer closeAll()
	if err != nil {
		return err
	}
	if err := read(io.LimitReader(readers[0], mostFileSize)); err != nil {
		return c.blameFile(param, name, err)
	}
	return nil
}
