package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Setting is something that a user may choose once for all: in the configuration file, with an option of the program, or
// with `set`.
type Setting struct {
	Name    string
	Doc     string // one line, no full stop
	Default string
	Value   string // what a value is called in errors and documents: "FILE", "yes or no"
	// Gone says, of a setting of earlier generations, why it is needed no more: it is accepted and does nothing.
	Gone  string
	check func(value string) error
}

// SettingList is every setting, in the order in which they are shown: the one home of their names.
func SettingList() []Setting {
	list := []Setting{
		{Name: "delimiter", Default: "|", Value: "CHARACTER", Doc: `between the columns of what is exported; \t is a tab`, check: checkDelimiter},
		{Name: "cache", Value: "FOLDER", Doc: "where dissected captures are kept; empty is the user's cache folder"},
		{Name: "cache_size", Default: "2GB", Value: "SIZE", Doc: "how much the cache may hold; 0 keeps nothing", check: checkSize},
		{Name: "history", Value: "FILE", Doc: "where the lines typed are kept; empty is in the user's data folder"},
		{Name: "history_size", Default: "1000", Value: "COUNT", Doc: "how many lines typed are kept", check: checkCount},
		{Name: "human_readable", Default: "yes", Value: "yes or no", Doc: "scale numbers for people; no is what --raw does", check: checkYes},
		{Name: "colour", Default: "auto", Value: "auto, always or never", Doc: "use colours; auto is on a terminal, unless NO_COLOR is set", check: oneOf("auto", "always", "never")},
		{Name: "background", Default: "light", Value: "light or dark", Doc: "the terminal's background, for colours that can be read on it", check: oneOf("light", "dark")},
		{Name: "pager", Value: "COMMAND", Doc: "shows long answers; empty is $PAGER, or else less; none shows them at once"},
		{Name: "charts", Default: "server", Value: "server, inline or static", Doc: "where charts in a notebook get their library: from Jupyter's server, inside the notebook, or not at all (pictures)", check: oneOf(ChartPlaces()...)},
		{Name: "plugins", Value: "FOLDER", Doc: "where plugins are looked for besides PATH; empty is in the user's data folder"},
		{Name: "plugin_timeout", Default: "60s", Value: "DURATION", Doc: "how long a plugin may take; 0 is for ever", check: checkDuration},
	}
	for i := range styleSettings {
		list = append(list, Setting{Name: fmt.Sprintf("style%d", i), Value: "STYLE", Doc: "a style file that plots are drawn with, one over the other, unless --style chooses; --style names it by its number"})
	}
	return append(list,
		Setting{Name: "tshark_binary", Value: "FILE", Doc: "no longer needed", Gone: "captures are dissected without tshark"},
		Setting{Name: "wireshark_profile", Value: "NAME", Doc: "no longer needed", Gone: "captures are dissected without Wireshark and its profiles"},
	)
}

// ChartPlaces are where a notebook's charts can get their library: from the server that shows the notebook, from the
// notebook itself, or nowhere: they are pictures then.
func ChartPlaces() []string { return []string{"server", "inline", "static"} }

// Settings are the effective settings of a session. They may be read and set by several goroutines.
type Settings struct {
	mu    sync.Mutex
	list  []Setting
	given map[string]Effective
}

// Effective is a setting's value and who chose it.
type Effective struct {
	Setting
	Chosen string // the value
	Origin string // "default", "/home/me/.config/mptcpanalyzer/config:3", "--cachedir", "set"
}

// NewSettings are the defaults.
func NewSettings() *Settings {
	return &Settings{list: SettingList(), given: map[string]Effective{}}
}

// All lists every setting with its effective value.
func (s *Settings) All() []Effective {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Effective
	for _, setting := range s.list {
		all = append(all, s.effective(setting))
	}
	return all
}

func (s *Settings) effective(setting Setting) Effective {
	if e, ok := s.given[setting.Name]; ok {
		return e
	}
	return Effective{Setting: setting, Chosen: setting.Default, Origin: "default"}
}

// Get is the effective value of a setting, "" if there is none of that name.
func (s *Settings) Get(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if setting := s.find(name); setting != nil {
		return s.effective(*setting).Chosen
	}
	return ""
}

// origin says who chose the value of a setting.
func (s *Settings) origin(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if setting := s.find(name); setting != nil {
		return s.effective(*setting).Origin
	}
	return ""
}

// Yes is the effective value of a setting that is yes or no.
func (s *Settings) Yes(name string) bool { yes, _ := parseYes(s.Get(name)); return yes }

// Size is the effective value of a setting in bytes.
func (s *Settings) Size(name string) int64 { n, _ := parseSize(s.Get(name)); return n }

// Count is the effective value of a setting that counts.
func (s *Settings) Count(name string) int { n, _ := strconv.Atoi(s.Get(name)); return n }

// Span is the effective value of a setting that is a time; 0 is none.
func (s *Settings) Span(name string) time.Duration { d, _ := time.ParseDuration(s.Get(name)); return d }

// Set chooses a value. Origin says who chose it. The error says what is wrong with the name or the value.
func (s *Settings) Set(name, value, origin string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	setting := s.find(name)
	if setting == nil {
		err := fmt.Errorf("unknown setting %q", name)
		if n := nearest(name, s.names()); n != "" {
			err = fmt.Errorf("%w: did you mean %s?", err, n)
		}
		return err
	}
	if setting.check != nil {
		if err := setting.check(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s.given[name] = Effective{Setting: *setting, Chosen: value, Origin: origin}
	return nil
}

func (s *Settings) find(name string) *Setting {
	for i := range s.list {
		if s.list[i].Name == name {
			return &s.list[i]
		}
	}
	return nil
}

func (s *Settings) names() []string {
	var all []string
	for i := range s.list {
		all = append(all, s.list[i].Name)
	}
	return all
}

func checkDelimiter(value string) error {
	_, err := export.Delimiter(value)
	return err
}

func checkCount(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 0 {
		return fmt.Errorf("%q is no count", value)
	}
	return nil
}

func checkSize(value string) error { _, err := parseSize(value); return err }

// parseSize reads bytes: "500MB", "2 GB", "1GiB", "0".
func parseSize(value string) (int64, error) {
	text := strings.ToUpper(strings.TrimSpace(value))
	factor := int64(1)
	for _, unit := range []struct {
		suffix string
		factor int64
	}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}} {
		if rest, found := strings.CutSuffix(text, unit.suffix); found {
			text, factor = strings.TrimSpace(rest), unit.factor
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1<<62/factor {
		return 0, fmt.Errorf("%q is no size, as 500MB is", value)
	}
	return n * factor, nil
}

func checkDuration(value string) error {
	if d, err := time.ParseDuration(value); err != nil || d < 0 {
		return fmt.Errorf("%q is no duration, as 30s is", value)
	}
	return nil
}

func checkYes(value string) error {
	if _, ok := parseYes(value); !ok {
		return fmt.Errorf("%q is neither yes nor no", value)
	}
	return nil
}

func parseYes(value string) (yes, ok bool) {
	switch strings.ToLower(value) {
	case "yes", "true", "on", "1":
		return true, true
	case "no", "false", "off", "0":
		return false, true
	}
	return false, false
}

func oneOf(choices ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(choices, value) {
			return fmt.Errorf("%q is none of %s", value, strings.Join(choices, ", "))
		}
		return nil
	}
}

// Settings are the session's, for the commands that show and change them.
func (s *Session) Settings() *Settings { return s.settings }

// Table shows every setting, its value and where that comes from.
func (s *Settings) Table() *display.Table {
	all := s.All()
	return &display.Table{
		Name: "settings", Title: "Settings", Rows: len(all),
		Columns: []display.Column{
			{Key: "setting", Head: "Setting"}, {Key: "value", Head: "Value", Wide: true},
			{Key: "origin", Head: "From", Wide: true}, {Key: "meaning", Head: "What it is", Wide: true},
		},
		Cell: func(row, col int) display.Value {
			e := &all[row]
			meaning := e.Doc
			if e.Gone != "" {
				meaning += ": " + e.Gone
			}
			return display.Str([]string{e.Name, e.Chosen, e.Origin, meaning}[col])
		},
	}
}
