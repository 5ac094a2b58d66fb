package where

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// comparison compiles ==, !=, <, <=, > and >=.
func (c *compiler[R]) comparison(op string, left, right *value[R]) (v value[R], wrong *Error) {
	if left.isNil || right.isNil {
		return c.presence(op, left, right)
	}
	if wrong := c.readTime(left, right); wrong != nil {
		return v, wrong
	}
	if wrong := c.neverSo(left, right); wrong != nil {
		return v, wrong
	}
	switch {
	case left.number != nil && right.number != nil:
		v.setTest(compareNumbers(op, left, right))
	case left.asReal() != nil && right.asReal() != nil:
		v.setTest(compareReals(op, left.asReal(), right.asReal()))
	case left.text != nil && right.text != nil:
		v.setTest(compareTexts(op, left.text, right.text))
	case left.test != nil && right.test != nil && (op == "==" || op == "!="):
		a, b, same := left.test, right.test, op == "=="
		v.setTest(func(r R) bool { return (a(r) == b(r)) == same })
	case (left.nothingEver() || right.nothingEver()) && left.nothing != nil && right.nothing != nil:
		v.setTest(func(r R) bool { return op == "!=" && left.nothing(r) != right.nothing(r) })
	default:
		return v, c.mismatch(left, right)
	}
	return v, nil
}

// neverSo refuses a word that no row has, where what a column may hold is known.
func (c *compiler[R]) neverSo(left, right *value[R]) *Error {
	if left.words == nil {
		left, right = right, left
	}
	if left.words == nil || right.word == nil || slices.Contains(left.words, *right.word) {
		return nil
	}
	e := c.blame(right, "%s is never %s", c.written(left), c.written(right))
	e.Suggestion = "it is " + strconv.Quote(left.words[0])
	for _, word := range left.words[1:] {
		e.Suggestion += " or " + strconv.Quote(word)
	}
	return e
}

// nothingEver says that the value is a column without a value in any row.
func (v *value[R]) nothingEver() bool {
	return v.number == nil && v.real == nil && v.text == nil && v.list == nil && v.test == nil && !v.array && v.low == nil
}

// presence compiles a comparison with nil.
func (c *compiler[R]) presence(op string, left, right *value[R]) (v value[R], wrong *Error) {
	if left.isNil {
		left, right = right, left
	}
	switch {
	case op != "==" && op != "!=":
		return v, c.blame(right, "nil is neither less nor greater than anything: use == or !=")
	case left.nothing == nil:
		return v, c.blame(left, "%s is never nil", c.written(left))
	case op == "==":
		v.setTest(left.nothing)
	default:
		nothing := left.nothing
		v.setTest(func(r R) bool { return !nothing(r) })
	}
	return v, nil
}

// mismatch explains that two sides cannot be compared.
func (c *compiler[R]) mismatch(left, right *value[R]) *Error {
	a, b := c.written(left), c.written(right)
	e := c.blame(right, "%s is %s and %s is %s", a, left.is(), b, right.is())
	switch {
	case left.list != nil:
		e.Suggestion = "in looks for an element, as in " + b + " in " + a
	case right.array || right.low != nil:
		e.Suggestion = "as in " + a + " in " + b
	case left.number != nil && right.word != nil:
		e.Suggestion = "a number stands without quotes"
	case left.text != nil && right.fixed != nil:
		e.Suggestion = "a text stands in quotes, as in \"" + b + "\""
	case right.test != nil && left.test == nil:
		e.Suggestion = "and joins conditions"
	}
	return e
}

// readTime turns a text that is compared with a time into one: "250ms", "1m3s", "2026-11-22T02:16:30.5Z".
func (c *compiler[R]) readTime(left, right *value[R]) *Error {
	if right.time {
		left, right = right, left
	}
	if !left.time || right.word == nil || left.text != nil {
		return nil
	}
	word := *right.word
	if d, err := time.ParseDuration(word); err == nil {
		right.setNumber(fromInt(d.Nanoseconds()), 9)
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
		if t, err := time.Parse(layout, strings.TrimSuffix(word, " UTC")); err == nil {
			n, ok := fromInt(t.Unix()).mul(power(9))
			if sum, fits := n.add(fromInt(int64(t.Nanosecond()))); ok && fits {
				right.setNumber(sum, 9)
				return nil
			}
		}
	}
	return c.blame(right, `%s is no time, as 1.25 (seconds), "250ms" or "2026-11-22T02:16:30.5Z" are`, c.written(right))
}

// in compiles the search for an element.
func (c *compiler[R]) in(left, right *value[R]) (v value[R], wrong *Error) {
	switch {
	case right.low != nil:
		above, wrong := c.comparison(">=", left, right.low)
		if wrong != nil {
			return v, wrong
		}
		below, wrong := c.comparison("<=", left, right.high)
		if wrong != nil {
			return v, wrong
		}
		return c.logic("and", &above, &below)
	case right.array:
		tests := make([]func(R) bool, len(right.single))
		for i := range right.single {
			one, wrong := c.comparison("==", left, &right.single[i])
			if wrong != nil {
				return v, wrong
			}
			tests[i] = one.test
		}
		v.setTest(func(r R) bool {
			return slices.ContainsFunc(tests, func(test func(R) bool) bool { return test(r) })
		})
		return v, nil
	case right.list != nil && left.number != nil:
		v.setTest(holdsElement(left, right.list))
		return v, nil
	case right.list != nil:
		return v, c.blame(left, "%s is %s, and %s holds numbers", c.written(left), left.is(), c.written(right))
	}
	e := c.blame(right, "%s is %s, no list to look in", c.written(right), right.is())
	if right.text != nil && left.text != nil {
		e.Suggestion = "as in " + c.written(right) + " contains " + c.written(left)
	}
	return v, e
}

func holdsElement[R any](element *value[R], list func(R, []uint64) []uint64) func(R) bool {
	factor := power(element.scale)
	return func(r R) bool {
		var room [8]uint64
		n, ok := element.number(r)
		if !ok {
			return false
		}
		for _, have := range list(r, room[:0]) {
			if scaled, fits := fromUint(have).mul(factor); fits && scaled.compare(n) == 0 {
				return true
			}
		}
		return false
	}
}

// search compiles contains, startsWith, endsWith and matches.
func (c *compiler[R]) search(op string, left, right *value[R]) (v value[R], wrong *Error) {
	if op == "contains" && left.list != nil {
		return c.in(right, left)
	}
	for _, side := range []*value[R]{left, right} {
		if side.text == nil {
			e := c.blame(side, "%s is %s, and %s looks into texts", c.written(side), side.is(), op)
			return v, e
		}
	}
	find := map[string]func(a, b []byte) bool{"contains": bytes.Contains, "startsWith": bytes.HasPrefix, "endsWith": bytes.HasSuffix}[op]
	if op == "matches" {
		if right.word == nil {
			return v, c.blame(right, "matches wants a regular expression in quotes")
		}
		pattern, err := regexp.Compile(*right.word)
		if err != nil {
			return v, c.blame(right, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		find = func(a, _ []byte) bool { return pattern.Match(a) }
	}
	a, b := left.text, right.text
	v.setTest(func(r R) bool {
		var roomA, roomB [64]byte
		x, ok := a(r, roomA[:0])
		y, okay := b(r, roomB[:0])
		return ok && okay && find(x, y)
	})
	return v, nil
}

// arithmetic compiles +, -, * and %.
func (c *compiler[R]) arithmetic(op string, left, right *value[R]) (v value[R], wrong *Error) {
	for _, side := range []*value[R]{left, right} {
		if side.number == nil {
			return v, c.blame(side, "%s is %s, and %s computes with whole numbers and times", c.written(side), side.is(), op)
		}
	}
	compute := map[string]func(a, b number) (number, bool){"+": number.add, "-": number.sub, "*": number.mul, "%": number.mod}[op]
	v.scale = max(left.scale, right.scale)
	a, b := left.number, right.number
	if op == "*" {
		v.scale = left.scale + right.scale
	} else {
		a, b = left.scaledTo(v.scale), right.scaledTo(v.scale)
	}
	if v.scale > 2*maxScale {
		both := value[R]{start: left.start, end: right.end}
		return v, c.blame(&both, "%s has too many decimals", c.written(&both))
	}
	v.time = left.time || right.time
	v.number = func(r R) (number, bool) {
		x, ok := a(r)
		y, okay := b(r)
		if !ok || !okay {
			return number{}, false
		}
		return compute(x, y)
	}
	v.nothing = absent(v.number)
	return v, nil
}

// otherwise compiles ??: the left value, or the right one where the left is nil.
func (c *compiler[R]) otherwise(left, right *value[R]) (v value[R], wrong *Error) {
	switch {
	case left.number != nil && right.number != nil:
		v.scale, v.time = max(left.scale, right.scale), left.time
		a, b := left.scaledTo(v.scale), right.scaledTo(v.scale)
		v.number = func(r R) (number, bool) {
			if n, ok := a(r); ok {
				return n, true
			}
			return b(r)
		}
		v.nothing = absent(v.number)
	case left.text != nil && right.text != nil:
		a, b := left.text, right.text
		v.text = func(r R, room []byte) ([]byte, bool) {
			if s, ok := a(r, room); ok {
				return s, true
			}
			return b(r, room)
		}
		v.nothing = absentText(v.text)
	default:
		return v, c.mismatch(left, right)
	}
	return v, nil
}

// call compiles the functions that there are.
func (c *compiler[R]) call(n *node) (v value[R], wrong *Error) {
	name := n.value
	if wanted := functions[name]; len(n.nodes) != wanted {
		return v, c.errorAt(n.from, n.from+len(name), "%s takes %d, not %d", name, wanted, len(n.nodes))
	}
	given := make([]value[R], len(n.nodes))
	for i := range n.nodes {
		if given[i], wrong = c.node(n.nodes[i]); wrong != nil {
			return v, wrong
		}
	}
	switch {
	case name == "bitand" && given[0].number != nil && given[1].number != nil && given[0].scale+given[1].scale == 0:
		a, b := given[0].number, given[1].number
		v.number = func(r R) (number, bool) {
			x, ok := a(r)
			y, okay := b(r)
			return number{hi: x.hi & y.hi, lo: x.lo & y.lo}, ok && okay && !x.negative && !y.negative
		}
		v.nothing = absent(v.number)
	case name == "len" && given[0].list != nil:
		list := given[0].list
		v.number = func(r R) (number, bool) {
			var room [8]uint64
			return fromUint(uint64(len(list(r, room[:0])))), true
		}
		v.nothing = absent(v.number)
	case name != "bitand" && given[0].text != nil:
		c.textFunction(&v, name, given[0].text)
	default:
		return v, c.blame(&given[0], "%s is %s, which %s does not take", c.written(&given[0]), given[0].is(), name)
	}
	return v, nil
}

func (c *compiler[R]) textFunction(v *value[R], name string, text func(R, []byte) ([]byte, bool)) {
	if name == "len" {
		v.number = func(r R) (number, bool) {
			var room [64]byte
			s, ok := text(r, room[:0])
			return fromUint(uint64(bytes.Count(s, nil) - 1)), ok
		}
		v.nothing = absent(v.number)
		return
	}
	change := bytes.ToLower
	if name == "upper" {
		change = bytes.ToUpper
	}
	v.text = func(r R, room []byte) ([]byte, bool) {
		s, ok := text(r, room)
		return change(s), ok
	}
	v.nothing = absentText(v.text)
}
