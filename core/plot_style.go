package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/style"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// applyStyles reads the files that --style names and draws the chart as they say; what they ask for in vain is told.
func (c *Call) applyStyles(ctx context.Context, chart *display.Chart) error {
	if !c.Has("--style") {
		return nil
	}
	files := style.New()
	for _, name := range c.Words("--style") {
		if err := c.readStyle(ctx, files, name); err != nil {
			return err
		}
	}
	chart.Apply(files.Style())
	for _, wrong := range files.Wrong() {
		if err := c.Show(&display.Note{Level: display.Caution, Body: wrong}); err != nil {
			return err
		}
	}
	if unknown := files.Unknown(); len(unknown) > 0 {
		return c.Show(&display.Note{Level: display.Caution, Body: unknownSettings(unknown)})
	}
	return nil
}

// mostUnknown is how many settings a remark names.
const mostUnknown = 8

func unknownSettings(keys []string) string {
	more := ""
	if len(keys) > mostUnknown {
		more = fmt.Sprintf(" and %d more", len(keys)-mostUnknown)
		keys = keys[:mostUnknown]
	}
	return "settings of the style that have no meaning here: " + strings.Join(keys, ", ") + more
}

// readStyle reads a style file: the file of that name, or that of the style's name in the folders for styles.
func (c *Call) readStyle(ctx context.Context, files *style.Files, name string) error {
	candidates := []string{name}
	if !strings.ContainsAny(name, "/\\") {
		candidates = append(candidates, name+".mplstyle")
		for _, folder := range c.Session.options.Styles {
			candidates = append(candidates, path.Join(folder, name), path.Join(folder, name+".mplstyle"))
		}
	}
	var first error
	for _, candidate := range candidates {
		err := c.readFile(ctx, "--style", candidate, func(in io.Reader) error { return files.Read(in, baseName(candidate)) })
		if err == nil {
			return nil
		}
		if first == nil || !errors.Is(err, fs.ErrNotExist) {
			first = err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return first
}
