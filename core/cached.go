package core

import (
	"context"
	"fmt"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Cache keeps what dissecting captures gave, from one run to the next. Errors are remarks for the user: none keeps a
// capture from being dissected.
type Cache interface {
	// Find gives what was kept of files, the parts of one capture, or nil; and a ticket for Keep.
	Find(ctx context.Context, files []string) (t *trace.Trace, ticket string, err error)
	// Keep keeps a trace of the files, which it took some time to make. It may return before it is done, see Wait.
	Keep(ctx context.Context, ticket string, files []string, t *trace.Trace, took time.Duration) error
	// Clean empties the cache and says what it held.
	Clean() (files int, size int64, err error)
	// Wait returns when everything is kept, with what was not told yet.
	Wait() error
}

// Wait returns when what goes on beside the commands is done: captures are kept in the cache. A program asks before it ends.
// The error is a remark for the user.
func (s *Session) Wait() error {
	if s.options.Cache == nil {
		return nil
	}
	return s.options.Cache.Wait()
}

var cleanCacheCommand = Command{
	Name:    "clean_cache",
	Summary: "remove all dissected captures from the cache",
	Help: `Dissected captures are kept in a folder of the user's, so that loading them again is quick; cache_size bounds it. They are
checked before they are used, and need no cleaning but for the room that they take.`,
	Examples: []Example{{"clean_cache", "empty the cache"}},
	Run: func(_ context.Context, c *Call) error {
		if c.Session.options.Cache == nil {
			return c.Note("there is no cache here")
		}
		files, size, err := c.Session.options.Cache.Clean()
		if err != nil {
			return c.Fail("%w", err)
		}
		return c.Show(&display.Text{Body: fmt.Sprintf("%s removed, %s.", display.Count(files, "file"), display.Scaled(float64(size), display.Bytes))})
	},
}

// kept gives what the cache has of a capture, or else dissects it and lets the cache keep that. renew passes over what it
// has.
func (c *Call) kept(ctx context.Context, files []string, renew bool, dissect func() (*trace.Trace, error)) (*trace.Trace, error) {
	cache := c.Session.options.Cache
	if cache == nil {
		return dissect()
	}
	t, ticket, remark := cache.Find(ctx, files)
	if t != nil && !renew {
		return t, nil
	}
	if err := c.remark(remark); err != nil {
		return nil, err
	}
	began := time.Now()
	t, err := dissect()
	if err != nil {
		return nil, err
	}
	return t, c.remark(cache.Keep(ctx, ticket, files, t, time.Since(began)))
}

// remark tells an error that changes nothing.
func (c *Call) remark(err error) error {
	if err == nil {
		return nil
	}
	return c.Out.Show(&display.Note{Level: display.Caution, Body: err.Error()})
}
