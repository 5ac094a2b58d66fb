package core

import (
	"context"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Cache keeps what dissecting captures gave, from one run to the next. Errors are remarks for the user: none keeps a
// capture from being dissected.
type Cache interface {
	// Find gives what was kept of files, the parts of one capture, or nil; and a ticket for Keep.
	Find(ctx context.Context, files []string) (t *trace.Trace, ticket string, err error)
	// Keep keeps a trace of the files, which it took some time to make.
	Keep(ctx context.Context, ticket string, files []string, t *trace.Trace, took time.Duration) error
	// Clean empties the cache and says what it held.
	Clean() (files int, size int64, err error)
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
