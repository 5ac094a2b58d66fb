package home

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/cache"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// store is the cache as the settings are now: they may change while the session lasts. It is written beside what the user
// asks for next, as nobody waits for it; whoever looks into it waits until it is written.
type store struct {
	settings *core.Settings
	renew    bool

	writing sync.WaitGroup
	guard   sync.Mutex
	remarks []error // of what was written, not told yet
}

func (s *store) now() *cache.Cache {
	return &cache.Cache{Dir: config.Cache(s.settings), Limit: s.settings.Size("cache_size"), Renew: s.renew}
}

func (s *store) Find(ctx context.Context, files []string) (*trace.Trace, string, error) {
	remark := s.Wait()
	t, ticket, err := s.now().Find(ctx, files)
	return t, ticket, cmp.Or(err, remark)
}

func (s *store) Keep(ctx context.Context, ticket string, files []string, t *trace.Trace, took time.Duration) error {
	place, ctx := s.now(), context.WithoutCancel(ctx) // which ends with the command
	s.writing.Go(func() {
		if err := place.Keep(ctx, ticket, files, t, took); err != nil {
			s.guard.Lock()
			defer s.guard.Unlock()
			s.remarks = append(s.remarks, err)
		}
	})
	return nil
}

func (s *store) Clean() (int, int64, error) {
	_ = s.Wait() // what could not be written needs no cleaning
	return s.now().Clean()
}

// Wait is part of core.Cache.
func (s *store) Wait() error {
	s.writing.Wait()
	s.guard.Lock()
	defer s.guard.Unlock()
	err := errors.Join(s.remarks...)
	s.remarks = nil
	return err
}
