// Package cache keeps what dissecting captures gave, so that the next run need not dissect them. It is for native
// programs.
//
//	c := &cache.Cache{Dir: config.Cache(settings), Limit: 2e9}
//	t, ticket, err := c.Find(ctx, files)
//	if t == nil { t = …dissect…; err = c.Keep(ctx, ticket, t, took) }
//
// A capture is known by its size, its modification time to the nanosecond, and blocks sampled from all over it; not by its
// name, so that a moved one is found and a changed one is not. What is kept holds the version of the program and the layout
// of its data (trace.Layout): only the same program reads it. It is never trusted: a file that is damaged, foreign or of
// another version is said to be so and made anew. Files are written beside their place and renamed, so that processes that
// work at the same time see whole files; they are the user's alone; and when they take more than Limit, those not used for
// longest go. Keep writes nothing that would not save time: see pays.
//
// Errors are remarks: none keeps a capture from being dissected.
package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Cache is a folder of dissected captures. The zero Dir keeps nothing.
type Cache struct {
	Dir   string
	Limit int64 // bytes that all files may take; 0 keeps nothing
	// Renew dissects captures that are there, and keeps them anew.
	Renew bool
	// Always keeps also what would not save time.
	Always bool
}

// suffix of the files of the cache; unfinished ones begin with partial.
const (
	suffix  = ".trace"
	partial = ".unfinished-"
)

// maxAge is how long a file may be unfinished: its writer has died.
const maxAge = time.Hour

// Find gives what was kept of the files, the parts of one capture, or nil. The ticket is for Keep; it is empty for what
// cannot be kept, as standard input.
func (c *Cache) Find(ctx context.Context, files []string) (t *trace.Trace, ticket string, err error) {
	if c.Dir == "" || c.Limit <= 0 {
		return nil, "", nil
	}
	ticket, ok := identify(files)
	if !ok {
		return nil, "", nil
	}
	if c.Renew {
		return nil, ticket, nil
	}
	name := c.path(ticket)
	t, err = read(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ticket, nil
	case ctx.Err() != nil:
		return nil, ticket, ctx.Err()
	case err != nil:
		return nil, ticket, fmt.Errorf("the cache is made anew: %s %w", name, disk.Plain(err))
	}
	now := time.Now()
	_ = os.Chtimes(name, now, now) // used now; where that cannot be noted it goes a little early
	return t, ticket, nil
}

func (c *Cache) path(ticket string) string { return filepath.Join(c.Dir, ticket+suffix) }

// Keep writes a trace for the files that the ticket was given for, if they have not changed meanwhile and if it took long
// enough to dissect them.
func (c *Cache) Keep(ctx context.Context, ticket string, files []string, t *trace.Trace, took time.Duration) error {
	if ticket == "" || (!c.Always && !pays(t, took)) {
		return nil
	}
	if now, ok := identify(files); !ok || now != ticket {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return c.wrong(err)
	}
	f, err := os.CreateTemp(c.Dir, partial+"*") // of mode 0600
	if err != nil {
		return c.wrong(err)
	}
	err = write(ctx, f, t, c.Limit)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), c.path(ticket))
	}
	if err != nil {
		os.Remove(f.Name())
		if ctx.Err() != nil || errors.Is(err, errTooLarge) {
			return nil
		}
		return c.wrong(err)
	}
	return c.evict()
}

func (c *Cache) wrong(err error) error {
	return fmt.Errorf("nothing is kept in the cache: %s: %w", c.Dir, disk.Plain(err))
}

// What reading costs, roughly, on a slow machine.
const (
	rowBytes   = 52                   // of a row
	byteRate   = 400_000_000          // read and decompressed, a second
	objectTime = 2 * time.Microsecond // for each stream and connection
	minTook    = 100 * time.Millisecond
	minGain    = 3 // times quicker
)

// pays says whether reading a trace is so much quicker than dissecting it again that it is worth its place on the disk.
func pays(t *trace.Trace, took time.Duration) bool {
	reading := time.Duration(float64(t.Len())*rowBytes/byteRate*float64(time.Second)) +
		objectTime*time.Duration(len(t.Streams)+4*len(t.Conns))
	return took >= minTook && took >= minGain*reading
}

// entry is a file of the cache.
type entry struct {
	path string
	size int64
	used time.Time
}

// entries lists the files of the cache, the longest unused first, and removes those that were never finished.
func (c *Cache) entries() ([]entry, error) {
	all, err := os.ReadDir(c.Dir)
	if err != nil {
		return nil, err
	}
	var list []entry
	for _, e := range all {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		path := filepath.Join(c.Dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), partial):
			if time.Since(info.ModTime()) > maxAge {
				os.Remove(path)
			}
		case strings.HasSuffix(e.Name(), suffix):
			list = append(list, entry{path: path, size: info.Size(), used: info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	return list, nil
}

// evict removes the files unused for longest until the others fit the limit.
func (c *Cache) evict() error {
	list, err := c.entries()
	if err != nil {
		return c.wrong(err)
	}
	total := int64(0)
	for _, e := range list {
		total += e.size
	}
	for _, e := range list {
		if total <= c.Limit {
			break
		}
		if os.Remove(e.path) == nil {
			total -= e.size
		}
	}
	return nil
}

// Clean empties the cache and says what it held. Only files of its own are removed.
func (c *Cache) Clean() (files int, size int64, err error) {
	if c.Dir == "" {
		return 0, 0, nil
	}
	list, err := c.entries()
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	for _, e := range list {
		if removed := os.Remove(e.path); removed != nil {
			err = errors.Join(err, removed)
			continue
		}
		files, size = files+1, size+e.size
	}
	return files, size, err
}
