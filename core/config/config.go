// Package config reads the user's configuration file into the settings of a session, and says where the program's own
// files are. It is for native programs; a page has neither.
//
//	s := core.NewSettings()
//	warnings, err := config.Read(s, config.File())
//
// The file is INI, as that of the original, with its keys in either of its sections:
//
//	[mptcpanalyzer]
//	delimiter = ;
//	cache = ~/captures/cache
//
// [mptcpanalyzer] wins over [DEFAULT] and over keys before any section. What cannot be used (a key of no setting, a bad
// value, a line that is none) is passed over with a warning that names file and line; only a file that cannot be read is an
// error. Folders follow the XDG Base Directory Specification.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"gopkg.in/ini.v1"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// folder is the program's own below the XDG folders.
const folder = "mptcpanalyzer"

// sections are those that are read, the later one wins.
var sections = [...]string{ini.DefaultSection, "mptcpanalyzer"}

// File is where the user's configuration is looked for.
func File() string { return filepath.Join(xdg.ConfigHome, folder, "config") }

// Cache is the folder of dissected captures.
func Cache(s *core.Settings) string { return place(s.Get("cache"), xdg.CacheHome, folder) }

// History is the file of the lines typed.
func History(s *core.Settings) string {
	return place(s.Get("history"), xdg.DataHome, folder, "history")
}

// Plugins is the folder of the user's plugins.
func Plugins(s *core.Settings) string {
	return place(s.Get("plugins"), xdg.DataHome, folder, "plugins")
}

// place is a path that the user chose, with ~ and variables in it, or else the usual one.
func place(chosen string, usual ...string) string {
	if chosen == "" {
		return filepath.Join(usual...)
	}
	return disk.ExpandHome(os.ExpandEnv(chosen))
}

// Open makes the settings of a session from a configuration file, or with "" from the user's. The warnings are for the
// user. Only a file that was named and cannot be read is an error.
func Open(file string) (*core.Settings, []string, error) {
	s := core.NewSettings()
	if file != "" {
		warnings, err := Read(s, file)
		return s, warnings, err
	}
	warnings, err := ReadUser(s)
	if err != nil {
		warnings = append(warnings, err.Error())
	}
	return s, warnings, nil
}

// ReadUser reads the user's configuration, which need not be there.
func ReadUser(s *core.Settings) (warnings []string, err error) {
	if _, err := os.Stat(File()); os.IsNotExist(err) {
		return nil, nil
	}
	return Read(s, File())
}

// Read reads a configuration file into settings. Origins are "FILE:LINE".
func Read(s *core.Settings, file string) (warnings []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	lines, warnings := places(file, string(text))
	data, err := ini.LoadSources(ini.LoadOptions{
		InsensitiveKeys: true, IgnoreContinuation: true, SkipUnrecognizableLines: true, IgnoreInlineComment: true, AllowBooleanKeys: false,
	}, text)
	if err != nil {
		return append(warnings, fmt.Sprintf("%s: %v", file, err)), nil
	}
	for _, name := range sections {
		for _, section := range data.Sections() {
			if strings.TrimSpace(section.Name()) != name {
				continue
			}
			for _, key := range section.Keys() {
				at := fmt.Sprintf("%s:%d", file, lines[name+"\x00"+key.Name()])
				warnings = append(warnings, set(s, key, at)...)
			}
		}
	}
	return warnings, nil
}

// set gives a key's value to its setting.
func set(s *core.Settings, key *ini.Key, at string) (warnings []string) {
	if err := s.Set(key.Name(), strings.TrimSpace(key.String()), at); err != nil {
		return []string{at + ": " + err.Error()}
	}
	for _, e := range s.All() {
		if e.Name == key.Name() && e.Gone != "" {
			return []string{fmt.Sprintf("%s: %s is no longer needed: %s", at, e.Name, e.Gone)}
		}
	}
	return nil
}

var (
	sectionLine = regexp.MustCompile(`^\s*\[\s*([^]]*?)\s*\]`)
	keyLine     = regexp.MustCompile("^\\s*[\"`]?([^\"`=:]+?)[\"`]?\\s*[=:]")
)

// places finds the line of every key, which the parser does not tell, and warns of sections and lines that say nothing.
func places(file, text string) (lines map[string]int, warnings []string) {
	lines = map[string]int{}
	section, known := ini.DefaultSection, true
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';' {
			continue
		}
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			if section, known = m[1], slices.Contains(sections[:], m[1]); !known {
				warnings = append(warnings, fmt.Sprintf("%s:%d: unknown section [%s]: settings stand in [mptcpanalyzer]", file, i+1, section))
			}
			continue
		}
		m := keyLine.FindStringSubmatch(line)
		switch {
		case m != nil:
			lines[section+"\x00"+strings.ToLower(m[1])] = i + 1
		case known:
			warnings = append(warnings, fmt.Sprintf("%s:%d: %q is no setting: NAME = VALUE is wanted", file, i+1, trimmed))
		}
	}
	return lines, warnings
}
