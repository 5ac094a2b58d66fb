// Package home gives a native program what its user has set up: the configuration, the cache of dissected captures, the
// plugins. Every native face begins with it:
//
//	files := &disk.Files{}
//	options, warnings, err := home.Open(home.Choice{}, files)
//	session := core.New(options)
//
// Warnings are for the user; only a configuration file that was named and cannot be read is an error.
package home

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/cache"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/columnar"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/database"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/frames"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/live"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/plugin"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Choice is what the options of a program say.
type Choice struct {
	Config   string // the configuration file; "" is the user's
	CacheDir string // in place of the setting
	NoCache  bool   // keep nothing, look for nothing
	Regen    bool   // dissect anew, and keep that
}

// Open reads the configuration and gives the options of a session.
func Open(c Choice, files *disk.Files) (core.Options, []string, error) {
	o := files.Options()
	o.Formats = Formats()
	var err error
	var warnings []string
	if o.Settings, warnings, err = config.Open(c.Config); err != nil {
		return o, warnings, err
	}
	if c.CacheDir != "" {
		if err := o.Settings.Set("cache", c.CacheDir, "--cachedir"); err != nil {
			return o, warnings, err
		}
	}
	if !c.NoCache {
		o.Cache = &store{settings: o.Settings, renew: c.Regen}
	}
	more, wrong := plugin.Find(context.Background(), plugin.Place{
		Folder: config.Plugins(o.Settings), Path: os.Getenv("PATH"), Builtin: core.Commands(),
		Known: filepath.Join(config.Cache(o.Settings), "plugins.json"),
		Limit: func() time.Duration { return o.Settings.Span("plugin_timeout") },
	})
	o.Commands, o.Live = more, live.Machine{}
	return o, append(warnings, wrong...), nil
}

// Formats are those that need libraries, beside those of package export.
func Formats() []export.Format {
	return append(columnar.Formats(), database.Format(), frames.Format())
}

// store is the cache as the settings are now: they may change while the session lasts.
type store struct {
	settings *core.Settings
	renew    bool
}

func (s *store) now() *cache.Cache {
	return &cache.Cache{Dir: config.Cache(s.settings), Limit: s.settings.Size("cache_size"), Renew: s.renew}
}

func (s *store) Find(ctx context.Context, files []string) (*trace.Trace, string, error) {
	return s.now().Find(ctx, files)
}

func (s *store) Keep(ctx context.Context, ticket string, files []string, t *trace.Trace, took time.Duration) error {
	return s.now().Keep(ctx, ticket, files, t, took)
}

func (s *store) Clean() (int, int64, error) { return s.now().Clean() }
