package where

import (
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/expr-lang/expr/parser/operator"
	"github.com/expr-lang/expr/parser/utils"
)

// part says what a node is.
type part int

const (
	nilWord  part = iota
	truth         // true or false
	quoted        // a text
	literal       // a number
	name          // of a column, with its dots
	array         // [a, b]
	prefix        // an operator before its operand
	infix         // an operator between its operands
	function      // and its arguments
)

// node is a part of an expression.
type node struct {
	part     part
	value    string // the operator, the name, the number as it is written, the text without its quotes
	nodes    []*node
	from, to int // its runes in the source, without parentheses around it
	depth    int // of the tree below it
}

// maxDepth bounds how deep an expression nests: each level takes some of the stack, which is small in a browser.
const maxDepth = 500

// grammar reads the tokens of a source into a tree, by expr's table of operators. expr has a parser of its own for this
// grammar (the tests compare the two), but that comes with its evaluator, which calls methods by their names: the linker
// would have to keep every method of the program, a sixth of the page's download.
type grammar struct {
	*source
	at    int // the token looked at
	level int // how deep the reading is
}

// tree reads the whole source.
func (s *source) tree() (*node, *Error) {
	g := &grammar{source: s}
	root, wrong := g.expression(0)
	if wrong == nil && g.token().Kind != lexer.EOF {
		wrong = g.unexpected(g.at)
	}
	return root, wrong
}

func (g *grammar) token() *lexer.Token { return &g.tokens[g.at] }

// skip goes on to the next token, if the one looked at is of that kind and value.
func (g *grammar) skip(kind lexer.Kind, value string) bool {
	if !g.token().Is(kind, value) {
		return false
	}
	g.at++
	return true
}

// joined is a node over others.
func (g *grammar) joined(n *node) (*node, *Error) {
	for _, below := range n.nodes {
		n.depth = max(n.depth, below.depth+1)
	}
	if n.depth > maxDepth {
		return nil, g.tooDeep()
	}
	return n, nil
}

func (g *grammar) tooDeep() *Error {
	e := g.errorAt(0, len(g.offset), "the expression has too many parts")
	e.Suggestion = "many values of a column are a list, as in tcpstream in [1, 2, 3]"
	return e
}

// expression reads operands joined by operators that bind at least as tightly as precedence.
func (g *grammar) expression(precedence int) (*node, *Error) {
	if g.level++; g.level > maxDepth {
		return nil, g.tooDeep()
	}
	defer func() { g.level-- }()
	left, wrong := g.operand()
	last := ""
	for wrong == nil {
		op, negated, known := g.infixAhead()
		binds := operator.Binary[op]
		if !known || binds.Precedence < precedence {
			break
		}
		if wrong = g.refused(last, op); wrong != nil {
			return nil, wrong
		}
		g.at++
		if negated {
			g.at++
		}
		left, wrong = g.rest(left, op, negated, binds)
		last = op
	}
	return left, wrong
}

// infixAhead is the operator between operands that comes next; negated says that not stands before it.
func (g *grammar) infixAhead() (op string, negated, known bool) {
	t := g.token()
	if t.Is(lexer.Operator, "not") && operator.AllowedNegateSuffix(g.tokens[g.at+1].Value) {
		return g.tokens[g.at+1].Value, true, true
	}
	_, known = operator.Binary[t.Value]
	return t.Value, false, known && t.Kind == lexer.Operator && t.Value != "|"
}

// refused says why an operator cannot stand there, behind the last one of the same expression.
func (g *grammar) refused(last, op string) *Error {
	t := g.token()
	switch {
	case last == "??" && op != "??":
		return g.errorAt(t.From, t.To, "%s beside ?? can be read in two ways: put one of them in parentheses", op)
	case op == "/" || op == "**" || op == "^":
		e := g.errorAt(t.From, t.To, "%s is not exact and has no place in a filter", op)
		e.Suggestion = "multiply the other side, as in bytes > 2 * packets"
		return e
	}
	return nil
}

// rest reads what stands behind an operator. Of comparisons in a row, 1 < a <= 3, each must hold.
func (g *grammar) rest(left *node, op string, negated bool, binds operator.Operator) (*node, *Error) {
	tighter := binds.Precedence
	if binds.Associativity == operator.Left {
		tighter++
	}
	right, wrong := g.expression(tighter)
	if wrong != nil {
		return nil, wrong
	}
	n, wrong := g.joined(&node{part: infix, value: op, nodes: []*node{left, right}, from: left.from, to: right.to})
	switch {
	case wrong != nil:
	case negated:
		n, wrong = g.joined(&node{part: prefix, value: "not", nodes: []*node{n}, from: n.from, to: n.to})
	case operator.IsComparison(op):
		for wrong == nil && g.token().Kind == lexer.Operator && operator.IsComparison(g.token().Value) {
			n, right, wrong = g.chained(n, right, tighter)
		}
	}
	return n, wrong
}

// chained reads one more comparison behind those that all must hold; left is the value that it begins with.
func (g *grammar) chained(all, left *node, tighter int) (both, right *node, wrong *Error) {
	op := g.token().Value
	g.at++
	if right, wrong = g.expression(tighter); wrong != nil {
		return nil, nil, wrong
	}
	one, wrong := g.joined(&node{part: infix, value: op, nodes: []*node{left, right}, from: left.from, to: right.to})
	if wrong != nil {
		return nil, nil, wrong
	}
	both, wrong = g.joined(&node{part: infix, value: "&&", nodes: []*node{all, one}, from: all.from, to: one.to})
	return both, right, wrong
}

// operand reads what stands between operators.
func (g *grammar) operand() (*node, *Error) {
	t := g.token()
	n := &node{value: t.Value, from: t.From, to: t.To}
	switch op, unary := operator.Unary[t.Value]; {
	case t.Kind == lexer.Operator && unary:
		g.at++
		inner, wrong := g.expression(op.Precedence)
		if wrong != nil {
			return nil, wrong
		}
		n.part, n.nodes, n.to = prefix, []*node{inner}, inner.to
		return g.joined(n)
	case g.skip(lexer.Bracket, "("):
		inner, wrong := g.expression(0)
		if wrong == nil && !g.skip(lexer.Bracket, ")") {
			wrong = g.unexpected(g.at)
		}
		return g.whole(inner, wrong)
	case g.skip(lexer.Bracket, "["):
		n.part = array
		return g.whole(n, g.list(n, "]"))
	case t.Kind == lexer.Number:
		g.at++
		n.part = literal
		return n, nil
	case t.Kind == lexer.String:
		g.at++
		n.part = quoted
		return g.whole(n, nil)
	case t.Kind == lexer.Identifier:
		return g.word(n)
	}
	return nil, g.unexpected(g.at)
}

// whole refuses what expr would take apart.
func (g *grammar) whole(n *node, wrong *Error) (*node, *Error) {
	switch t := g.token(); {
	case wrong != nil:
		return nil, wrong
	case t.Is(lexer.Bracket, "["):
		return nil, g.errorAt(n.from, t.To, "elements of lists have no place in a filter (in looks for one)")
	case t.Is(lexer.Operator, "."):
		return nil, g.errorAt(n.from, t.To, "only names may be joined by dots")
	}
	return n, nil
}

// word reads nil, true, false, the name of a column, or a call.
func (g *grammar) word(n *node) (*node, *Error) {
	g.at++
	switch n.value {
	case "nil":
		n.part = nilWord
		return n, nil
	case "true", "false":
		n.part = truth
		return n, nil
	}
	if g.token().Is(lexer.Bracket, "(") {
		if wrong := g.known(n); wrong != nil {
			return nil, wrong
		}
		g.at++
		n.part = function
		return g.whole(n, g.list(n, ")"))
	}
	n.part = name
	for g.skip(lexer.Operator, ".") {
		t := g.token()
		if t.Kind != lexer.Identifier && (t.Kind != lexer.Operator || !utils.IsValidIdentifier(t.Value)) {
			return nil, g.unexpected(g.at)
		}
		g.at++
		n.value, n.to = n.value+"."+t.Value, t.To
	}
	if t := g.token(); t.Is(lexer.Bracket, "(") {
		return nil, g.errorAt(n.from, n.to, "%s cannot be called", n.value)
	}
	return g.whole(n, nil)
}

// list reads the elements of n, up to and with the bracket that ends them. A comma may stand behind the last.
func (g *grammar) list(n *node, end string) *Error {
	for !g.token().Is(lexer.Bracket, end) {
		element, wrong := g.expression(0)
		if wrong != nil {
			return wrong
		}
		n.nodes = append(n.nodes, element)
		if !g.skip(lexer.Operator, ",") && !g.token().Is(lexer.Bracket, end) {
			return g.unexpected(g.at)
		}
	}
	n.to = g.token().To
	g.at++
	_, wrong := g.joined(n)
	return wrong
}

// functions are those that an expression may call, with how many arguments each takes.
var functions = map[string]int{"len": 1, "bitand": 2, "lower": 1, "upper": 1}

// known refuses calls of other functions.
func (g *grammar) known(n *node) *Error {
	if functions[n.value] > 0 {
		return nil
	}
	e := g.errorAt(n.from, n.to, "unknown function %q", n.value)
	e.Suggestion = "there are len, bitand, lower, upper"
	return e
}
