package export

import "testing"

func TestQuoted(t *testing.T) {
	for field, want := range map[string]string{"eth0": "eth0", "a|b": `"a|b"`, `say "x"`: `"say ""x"""`, "two\nlines": "\"two\nlines\"", "": ""} {
		if got := string(quoted([]byte("1|"+field), 2, '|')); got != "1|"+want {
			t.Errorf("quoted(%q) = %q, want %q", field, got, "1|"+want)
		}
	}
}
