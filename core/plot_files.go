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
