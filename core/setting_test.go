package core

import (
	"strings"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	s := NewSettings()
	if s.Get("delimiter") != "|" || s.Count("history_size") != 1000 || s.Size("cache_size") != 2e9 || !s.Yes("human_readable") {
		t.Errorf("defaults: %+v", s.All())
	}
	for _, given := range []struct{ name, value, wrong string }{
		{"delimiter", ";", ""},
		{"delimiter", `\t`, ""},
		{"delimiter", "||", "one character"},
		{"cache_size", "1 GiB", ""},
		{"cache_size", "-1", "is no size"},
		{"cache_size", "9999999TB", "is no size"},
		{"history_size", "many", "is no count"},
		{"human_readable", "off", ""},
		{"human_readable", "perhaps", "neither yes nor no"},
		{"colour", "never", ""},
		{"colour", "blue", "none of auto, always, never"},
		{"plugin_timeout", "1m", ""},
		{"plugin_timeout", "soon", "is no duration"},
		{"colours", "never", "did you mean colour?"},
	} {
		err := s.Set(given.name, given.value, "test")
		if (err == nil) != (given.wrong == "") || (err != nil && !strings.Contains(err.Error(), given.wrong)) {
			t.Errorf("set %s %q: %v, want %q", given.name, given.value, err, given.wrong)
		}
	}
	if s.Get("delimiter") != `\t` || s.Size("cache_size") != 1<<30 || s.Yes("human_readable") || s.Span("plugin_timeout") != time.Minute {
		t.Errorf("after set: %+v", s.All())
	}
	for _, e := range s.All() {
		if e.Doc == "" || e.Value == "" {
			t.Errorf("%s is undocumented", e.Name)
		}
		if e.check != nil && e.check(e.Default) != nil {
			t.Errorf("%s: its own default %q is refused", e.Name, e.Default)
		}
		if want := map[bool]string{true: "test", false: "default"}[strings.Contains("delimiter cache_size human_readable colour plugin_timeout", e.Name) && e.Name != "cache"]; e.Origin != want {
			t.Errorf("%s comes from %s, want %s", e.Name, e.Origin, want)
		}
	}
}
