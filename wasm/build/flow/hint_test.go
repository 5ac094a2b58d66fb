//go:build !js

package flow

import (
	"slices"
	"testing"
)

// TestHints holds that every hint is of a conditional branch of its function, and that only functions asked for have any.
func TestHints(t *testing.T) {
	module := compiled(t)
	for often, want := range map[string]bool{"main.": true, "none.": false} {
		straight, err := Straighten(module, "main.", often)
		if err != nil {
			t.Fatal(err)
		}
		sections, err := split(straight[8:])
		if err != nil {
			t.Fatal(err)
		}
		code := slices.IndexFunc(sections, func(s section) bool { return s.id == codeSection })
		at := slices.IndexFunc(sections, func(s section) bool { return s.id == customSection && s.name() == hintSection })
		if want != (at >= 0) || at > code {
			t.Fatalf("%s: section %d has the hints, %d the code", often, at, code)
		}
		if want {
			holdHints(t, sections[at], sections[code], imports(sections))
		}
	}
}

func imports(sections []section) int {
	var m module
	for _, s := range sections {
		_ = m.learn(s) // it was read before
	}
	return m.imported
}

// holdHints compares a section of hints with the code.
func holdHints(t *testing.T, hints, code section, imported int) {
	t.Helper()
	r := reader{rest: code.body}
	bodies := make([][]byte, r.uint())
	for i := range bodies {
		bodies[i] = r.sized()
	}
	r = reader{rest: hints.body}
	r.sized()
	seen := 0
	for n := r.uint(); n > 0; n-- {
		body := bodies[int(r.uint())-imported]
		list := decode(body, afterLocals(body))
		last := -1
		for k := r.uint(); k > 0; k-- {
			offset := int(r.uint())
			if value := r.sized(); len(value) != 1 || value[0] != 0 || offset <= last {
				t.Fatalf("a hint of %v at %d behind one at %d", value, offset, last)
			}
			last = offset
			i := slices.IndexFunc(list, func(x instr) bool { return x.from == offset })
			if i < 0 || list[i].op != opBrIf && list[i].op != opIf {
				t.Fatalf("the hint at %d is of no branch", offset)
			}
			seen++
		}
	}
	if r.cut || len(r.rest) > 0 || seen < 20 {
		t.Errorf("%d hints, cut %t, %d bytes behind them", seen, r.cut, len(r.rest))
	}
}

// afterLocals is where the instructions of a function begin.
func afterLocals(body []byte) int {
	r := reader{rest: body}
	for n := r.uint(); n > 0; n-- {
		r.uint()
		r.byte()
	}
	return len(body) - len(r.rest)
}
