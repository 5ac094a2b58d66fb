package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // setting=value@line
		warnings   []string // after the file's name
	}{
		{"the original's", "[DEFAULT]\ntshark_binary = /usr/bin/tshark\ndelimiter = ;\nstyle0 = red\n", []string{"delimiter=;@3", "style0=red@4"},
			[]string{":2: tshark_binary is no longer needed: captures are dissected without tshark"}},
		{"sections", "[mptcpanalyzer]\ndelimiter = ,\n[DEFAULT]\ndelimiter = ;\nhistory_size = 7\n", []string{"delimiter=,@2", "history_size=7@5"}, nil},
		{"before any section", "cache_size = 3MB\n", []string{"cache_size=3MB@1"}, nil},
		{"any case, any blank", "[ mptcpanalyzer ]\n\n  Colour=never\n", []string{"colour=never@3"}, nil},
		{"comments", "# delimiter = x\n[mptcpanalyzer]\n; colour = never\nwireshark_profile =\n", nil,
			[]string{":4: wireshark_profile is no longer needed: captures are dissected without Wireshark and its profiles"}},
		{"unknown key", "[mptcpanalyzer]\ncolor = never\n", nil, []string{`:2: unknown setting "color": did you mean colour?`}},
		{"bad value", "[mptcpanalyzer]\ncolour = blue\ndelimiter = ,\n", []string{"delimiter=,@3"}, []string{`:2: colour: "blue" is none of auto, always, never`}},
		{"no setting", "[mptcpanalyzer]\ncolour\ndelimiter = ,\n", []string{"delimiter=,@3"}, []string{`:2: "colour" is no setting: NAME = VALUE is wanted`}},
		{"other section", "[other]\ncolour = never\n", nil, []string{":1: unknown section [other]: settings stand in [mptcpanalyzer]"}},
		{"a tab", "delimiter = \\t\r\n", []string{`delimiter=\t@1`}, nil},
		{"nothing", "", nil, nil},
		{"no text", "\x00\xff[\n=\n", nil, []string{":1: ", ":2: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, s := write(t, test.text), core.NewSettings()
			warnings, err := config.Read(s, file)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range warnings {
				if i >= len(test.warnings) || !strings.HasPrefix(w, file+test.warnings[i]) {
					t.Errorf("warning %q, want %q", w, test.warnings)
				}
			}
			if len(warnings) != len(test.warnings) && test.name != "no text" {
				t.Errorf("%d warnings, want %d", len(warnings), len(test.warnings))
			}
			var got []string
			for _, e := range s.All() {
				if e.Origin != "default" && e.Gone == "" {
					got = append(got, e.Name+"="+e.Chosen+"@"+strings.TrimPrefix(e.Origin, file+":"))
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := config.Read(core.NewSettings(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestPlaces(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	t.Setenv("XDG_CONFIG_HOME", "/c")
	t.Setenv("XDG_CACHE_HOME", "/k")
	t.Setenv("XDG_DATA_HOME", "/d")
	t.Setenv("WHERE", "/w")
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	s := core.NewSettings()
	for got, want := range map[string]string{
		config.File(): "/c/mptcpanalyzer/config", config.Cache(s): "/k/mptcpanalyzer",
		config.History(s): "/d/mptcpanalyzer/history", config.Plugins(s): "/d/mptcpanalyzer/plugins",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for value, want := range map[string]string{"~/x": "/home/me/x", "$WHERE/x": "/w/x", "/abs": "/abs", "~you": "~you"} {
		if err := s.Set("cache", value, "test"); err != nil || config.Cache(s) != want {
			t.Errorf("cache = %s is %s, want %s (%v)", value, config.Cache(s), want, err)
		}
	}
}
