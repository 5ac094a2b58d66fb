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
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/columnar"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/database"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/frames"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/live"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/plugin"
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
