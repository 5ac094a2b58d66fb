package where

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

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
	columns []column[R]
	used    []string
}

func (c *compiler[R]) compile(text string) (func(R) bool, error) {
	s, node, wrong := parse(text)
	if wrong != nil {
		return nil, wrong
	}
	c.source = s
	v, wrong := c.node(node)
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
func (c *compiler[R]) node(n ast.Node) (v value[R], wrong *Error) {
	if n == nil {
		return v, c.errorAt(0, len(c.offset), "the expression is not complete")
	}
	at := n.Location()
	v.start, v.end = at.From, at.To
	switch n := n.(type) {
	case *ast.NilNode:
		v.isNil, v.nothing = true, func(R) bool { return true }
	case *ast.BoolNode:
		v.setTest(func(R) bool { return n.Value })
	case *ast.StringNode:
		v.setText(n.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		return c.number(at)
	case *ast.IdentifierNode:
		return c.name(n.Value, at)
	case *ast.MemberNode:
		return c.dotted(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ArrayNode:
		return c.array(n)
	case *ast.BuiltinNode:
		return c.call(n.Name, n.Arguments, at)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(name.Value, n.Arguments, at)
		}
		return v, c.errorAt(at.From, at.To, "this cannot be called")
	default:
		return v, c.errorAt(at.From, max(at.To, at.From+1), "variables, maps, closures and choices have no place in a filter")
	}
	return v, nil
}

// number reads a literal from the original text.
func (c *compiler[R]) number(at file.Location) (v value[R], wrong *Error) {
	text, at := c.literal(at)
	v.start, v.end = at.From, at.To
	n, scale, err := parseNumber(text)
	if err != nil {
		return v, c.blame(&v, "%s", err)
	}
	v.setNumber(n, scale)
	return v, nil
}

// name finds a column by its name or by Wireshark's.
func (c *compiler[R]) name(name string, at file.Location) (value[R], *Error) {
	for i := range c.columns {
		if col := &c.columns[i]; col.name == name || (col.field == name && name != "") {
			c.use(col.name)
			v := col.value()
			v.start, v.end = at.From, at.To
			return v, nil
		}
	}
	e := c.errorAt(at.From, at.To, "unknown column %q", name)
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
	for _, u := range c.used {
		if u == name {
			return
		}
	}
	c.used = append(c.used, name)
}

// dotted reads a name of Wireshark's: tcp.len.
func (c *compiler[R]) dotted(n *ast.MemberNode) (value[R], *Error) {
	var parts []string
	at := n.Location()
	to := at.To
	for {
		property, ok := n.Property.(*ast.StringNode)
		if !ok || n.Optional || n.Method {
			return value[R]{}, c.errorAt(at.From, at.To, "elements of lists have no place in a filter (in looks for one)")
		}
		parts = append([]string{property.Value}, parts...)
		to = max(to, property.Location().To)
		if inner, ok := n.Node.(*ast.MemberNode); ok {
			n = inner
			continue
		}
		first, ok := n.Node.(*ast.IdentifierNode)
		if !ok {
			return value[R]{}, c.errorAt(at.From, at.To, "only names may be joined by dots")
		}
		name := strings.Join(append([]string{first.Value}, parts...), ".")
		return c.name(name, file.Location{From: first.Location().From, To: to})
	}
}

// array reads [a, b].
func (c *compiler[R]) array(n *ast.ArrayNode) (v value[R], wrong *Error) {
	at := n.Location()
	v.start, v.end, v.array = at.From, at.To, true
	for _, element := range n.Nodes {
		e, wrong := c.node(element)
		if wrong != nil {
			return v, wrong
		}
		v.single, v.end = append(v.single, e), max(v.end, e.end)
	}
	if v.end < len(c.offset)-1 && v.end > at.To {
		v.end++ // the bracket
	}
	return v, nil
}

func (c *compiler[R]) unary(n *ast.UnaryNode) (v value[R], wrong *Error) {
	inner, wrong := c.node(n.Node)
	if wrong != nil {
		return inner, wrong
	}
	v.start, v.end = min(n.Location().From, inner.start), inner.end
	switch n.Operator {
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
		inner.start = v.start
		return inner, nil
	}
	return v, nil
}

func (c *compiler[R]) binary(n *ast.BinaryNode) (v value[R], wrong *Error) {
	left, wrong := c.node(n.Left)
	if wrong != nil {
		return v, wrong
	}
	right, wrong := c.node(n.Right)
	if wrong != nil {
		return v, wrong
	}
	switch n.Operator {
	case "and", "&&", "or", "||":
		v, wrong = c.logic(n.Operator, &left, &right)
	case "==", "!=", "<", "<=", ">", ">=":
		v, wrong = c.comparison(n.Operator, &left, &right)
	case "in":
		v, wrong = c.in(&left, &right)
	case "contains", "startsWith", "endsWith", "matches":
		v, wrong = c.search(n.Operator, &left, &right)
	case "+", "-", "*", "%":
		v, wrong = c.arithmetic(n.Operator, &left, &right)
	case "..":
		v.low, v.high = &left, &right
	case "??":
		v, wrong = c.otherwise(&left, &right)
	default:
		at := n.Location()
		e := c.errorAt(at.From, at.To, "%s is not exact and has no place in a filter", n.Operator)
		e.Suggestion = "multiply the other side, as in bytes > 2 * packets"
		return v, e
	}
	v.start, v.end = min(left.start, right.start), max(left.end, right.end)
	return v, wrong
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
