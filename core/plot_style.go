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

// applyStyles reads the files that --style names, or else those of the settings, and draws the chart as they say; what
// they ask for in vain is told.
func (c *Call) applyStyles(ctx context.Context, chart *display.Chart) error {
	files := style.New()
	if c.Has("--style") {
		if err := c.chosenStyles(ctx, files); err != nil {
			return err
		}
	} else if err := c.usualStyles(ctx, files); err != nil {
		return err
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

// styleSettings are how many settings name a style: style0 to style3.
const styleSettings = 4

// chosenStyles reads the styles that --style names: files, or a setting by its number; none is none.
func (c *Call) chosenStyles(ctx context.Context, files *style.Files) error {
	for _, word := range c.args["--style"] {
		name := word.text
		if name == "none" {
			continue
		}
		if len(name) == 1 && name[0] >= '0' && name[0] < '0'+styleSettings {
			setting := "style" + name
			if name = c.Session.settings.Get(setting); name == "" {
				e := c.Misused("--style", "%s is not set", setting)
				e.Start, e.End, e.Suggestion = word.start, word.end, "set "+setting+" FILE names a style file"
				return e
			}
		}
		if err := c.readStyle(ctx, files, name); err != nil {
			if e := (*LineError)(nil); errors.As(err, &e) {
				e.Start, e.End = word.start, word.end
			}
			return err
		}
	}
	return nil
}

// usualStyles reads the styles of the settings, one over the other. One that cannot be read is a remark: the chart is there
// without it.
func (c *Call) usualStyles(ctx context.Context, files *style.Files) error {
	for i := range styleSettings {
		setting := fmt.Sprintf("style%d", i)
		name := c.Session.settings.Get(setting)
		if name == "" {
			continue
		}
		err := c.readStyle(ctx, files, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			body := fmt.Sprintf("%s, from %s, is left out: %s", setting, c.Session.settings.origin(setting), withoutCommand(c, err))
			if err := c.Show(&display.Note{Level: display.Caution, Body: body}); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutCommand is an error's message in a remark of the command's own answer.
func withoutCommand(c *Call, err error) string {
	var e *LineError
	if errors.As(err, &e) {
		return strings.TrimPrefix(e.Message, c.Command.Name+": ")
	}
	return err.Error()
}

// mostUnknown is how many settings a remark names.
const mostUnknown = 8

func unknownSettings(keys []string) string {
	more := ""
	if len(keys) > mostUnknown {
		more = fmt.Sprintf(" and %d more", len(keys)-mostUnknown)
		keys = keys[:mostUnknown]
	}
	return "style settings that have no meaning here: " + strings.Join(keys, ", ") + more
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
	for i, candidate := range candidates {
		err := c.readFile(ctx, "--style", candidate, func(in io.Reader) error { return files.Read(in, baseName(candidate)) })
		if err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if first == nil {
			first = err
		}
		if i == len(candidates)-1 && i > 0 {
			return c.Blame("--style", "no style is called %s: there is no such file, here or in the folders of styles", name)
		}
	}
	return first
}
