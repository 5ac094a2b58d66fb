package core

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var configCommand = Command{
	Name:    "config",
	Summary: "show the settings and where each comes from",
	Help: `Every setting with its effective value: the default, the configuration file with its line, an option of the program, or
set. What earlier generations of the program needed is accepted, and said to be needed no more.`,
	Examples: []Example{{"config", "show them all"}},
	Params:   listing(),
	Run: func(_ context.Context, c *Call) error {
		return c.showTable(&Loaded{}, c.Session.Settings().Table())
	},
}

var setCommand = Command{
	Name:    "set",
	Summary: "choose the value of a setting, for this session",
	Help: `Without words it shows all settings, with a name that one. A value lasts until the session ends; what is to last longer
belongs into the configuration file.`,
	Examples: []Example{
		{"set delimiter ;", "separate exported columns by semicolons (in quotes: ';')"},
		{"set human_readable no", "show exact numbers"},
		{"set delimiter", "show one setting"},
	},
	Params: listing(
		Param{Name: "NAME", Kind: SettingName, Doc: "the setting"},
		Param{Name: "VALUE", Kind: Text, Doc: "its new value"},
	),
	Run: runSet,
}

func runSet(_ context.Context, c *Call) error {
	settings, name := c.Session.Settings(), c.Word("NAME")
	if name != "" && !c.Has("VALUE") && settings.known(name) == nil {
		return c.unknownSetting(name)
	}
	if c.Has("VALUE") {
		if settings.known(name) == nil {
			return c.unknownSetting(name)
		}
		if err := settings.Set(name, c.Word("VALUE"), "set"); err != nil {
			return c.Misused("VALUE", "%s", err)
		}
		if gone := settings.known(name).Gone; gone != "" {
			return c.Note("%s is no longer needed: %s", name, gone)
		}
		return nil
	}
	t := settings.Table()
	if name == "" {
		return c.showTable(&Loaded{}, t)
	}
	for row := range t.Rows {
		if t.Cell(row, 0).Text() == name {
			one := *t
			one.Rows, one.Cell = 1, func(_, col int) display.Value { return t.Cell(row, col) }
			return c.showTable(&Loaded{}, &one)
		}
	}
	return nil
}

func (c *Call) unknownSetting(name string) error {
	e := c.Misused("NAME", "unknown setting %q", name)
	e.Suggestion = "config lists them"
	if n := nearest(name, c.Session.Settings().names()); n != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s? (config lists them)", n)
	}
	return e
}

// known is the setting of that name, nil if there is none.
func (s *Settings) known(name string) *Setting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(name)
}

// settingItems are the settings for completion.
func settingItems() []Item {
	var items []Item
	for _, s := range SettingList() {
		items = append(items, Item{Text: s.Name, Type: "value", Doc: s.Doc, Space: true})
	}
	return items
}
