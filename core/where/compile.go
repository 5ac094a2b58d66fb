package where

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
)

// column is what an expression may name: a name, Wireshark's field if it has one, and how to read it.
type column[R any] struct {
	name, field string
	value       func() value[R]
}

// compiler turns one expression into a test.
type compiler[R any] struct {
	*source
	root    *node
	columns []column[R]
	used    []string
}

func (c *compiler[R]) compile(text string) (func(R) bool, error) {
	s, root, wrong := parse(text)
	if wrong != nil {
		return nil, wrong
	}
	c.source, c.root = s, root
	v, wrong := c.node(root)
	if wrong == nil && v.test == nil {
		wrong = c.notTest(&v)
	}
	if wrong != nil {
		return nil, wrong
	}
	return v.test, nil
}

// blame is an error about a part of the expression.
func (c *compiler[R]) blame(v *value[R], format string, a ...any) *Error {
	return c.errorAt(v.start, v.end, format, a...)
}

// written is a part of the expression as it stands there.
func (c *compiler[R]) written(v *value[R]) string {
	return c.text[c.offset[v.start]:c.offset[v.end]]
}

// notTest explains that a condition is wanted where a value stands.
func (c *compiler[R]) notTest(v *value[R]) *Error {
	name := c.written(v)
	e := c.blame(v, "%s is %s, not a condition", name, v.is())
	switch {
	case v.isNil || v.array || v.low != nil:
	case v.list != nil:
		e.Suggestion = fmt.Sprintf("as in 3 in %s, or %s != nil", name, name)
	case v.word != nil:
		e.Suggestion = `as in ipsrc == ` + name
	case v.text != nil:
		e.Suggestion = fmt.Sprintf(`as in %s contains "x", or %s != nil`, name, name)
	default:
		e.Suggestion = fmt.Sprintf("as in %s > 0, or %s != nil", name, name)
	}
	return e
}

// node compiles a part of the expression.
func (c *compiler[R]) node(n *node) (v value[R], wrong *Error) {
	switch n.part {
	case nilWord:
		v.isNil, v.nothing = true, func(R) bool { return true }
	case truth:
		v.setTest(func(R) bool { return n.value == "true" })
	case quoted:
		v.setText(n.value)
	case literal:
		number, scale, err := parseNumber(n.value)
		if err != nil {
			return v, c.errorAt(n.from, n.to, "%s", err)
		}
		v.setNumber(number, scale)
	case name:
		v, wrong = c.name(n)
	case prefix:
		v, wrong = c.prefix(n)
	case infix:
		v, wrong = c.infix(n)
	case array:
		v, wrong = c.array(n)
	case function:
		v, wrong = c.call(n)
	}
	v.start, v.end = n.from, n.to
	return v, wrong
}

// name finds a column by its name or by Wireshark's.
func (c *compiler[R]) name(n *node) (value[R], *Error) {
	name := n.value
	for i := range c.columns {
		if col := &c.columns[i]; col.name == name || (col.field == name && name != "") {
			c.use(col.name)
			return col.value(), nil
		}
	}
	e := c.errorAt(n.from, n.to, "unknown column %q", name)
	var names []string
	for i := range c.columns {
		names = append(names, c.columns[i].name)
	}
	list := "columns: " + strings.Join(names, ", ")
	if n := spelling.Nearest(name, names); n != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s? (%s)", n, list)
	} else {
		e.Suggestion = fmt.Sprintf("a text stands in quotes: %s (%s)", strconv.Quote(name), list)
	}
	return value[R]{}, e
}

func (c *compiler[R]) use(name string) {
	if !slices.Contains(c.used, name) {
		c.used = append(c.used, name)
	}
}

// array reads [a, b].
func (c *compiler[R]) array(n *node) (v value[R], wrong *Error) {
	v.array = true
	for _, element := range n.nodes {
		e, wrong := c.node(element)
		if wrong != nil {
			return v, wrong
		}
		v.single = append(v.single, e)
	}
	return v, nil
}

func (c *compiler[R]) prefix(n *node) (v value[R], wrong *Error) {
	inner, wrong := c.node(n.nodes[0])
	if wrong != nil {
		return inner, wrong
	}
	switch n.value {
	case "not", "!":
		if inner.test == nil {
			return v, c.notTest(&inner)
		}
		v.setTest(func(r R) bool { return !inner.test(r) })
	case "-":
		if inner.fixed != nil {
			v.setNumber(inner.fixed.negate(), inner.scale)
			break
		}
		zero := value[R]{start: inner.start, end: inner.start}
		zero.setNumber(number{}, 0)
		return c.arithmetic("-", &zero, &inner)
	default:
		if inner.number == nil {
			return v, c.blame(&inner, "%s is %s, not a number", c.written(&inner), inner.is())
		}
		return inner, nil
	}
	return v, nil
}

func (c *compiler[R]) infix(n *node) (v value[R], wrong *Error) {
	left, wrong := c.node(n.nodes[0])
	if wrong != nil {
		return v, wrong
	}
	right, wrong := c.node(n.nodes[1])
	if wrong != nil {
		return v, wrong
	}
	switch n.value {
	case "and", "&&", "or", "||":
		return c.logic(n.value, &left, &right)
	case "==", "!=", "<", "<=", ">", ">=":
		return c.comparison(n.value, &left, &right)
	case "in":
		return c.in(&left, &right)
	case "contains", "startsWith", "endsWith", "matches":
		return c.search(n.value, &left, &right)
	case "+", "-", "*", "%":
		return c.arithmetic(n.value, &left, &right)
	case "??":
		return c.otherwise(&left, &right)
	}
	v.low, v.high = &left, &right // the range, a..b
	return v, nil
}

func (c *compiler[R]) logic(op string, left, right *value[R]) (v value[R], wrong *Error) {
	for _, side := range []*value[R]{left, right} {
		if side.test == nil {
			return v, c.notTest(side)
		}
	}
	a, b := left.test, right.test
	if op == "and" || op == "&&" {
		v.setTest(func(r R) bool { return a(r) && b(r) })
	} else {
		v.setTest(func(r R) bool { return a(r) || b(r) })
	}
	return v, nil
}
