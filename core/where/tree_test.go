package where

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// words are what the random expressions are made of: all operators, operands of each kind, brackets.
var words = strings.Fields(`a b len( bitand( 1 2.5 0x1f "t" nil true false ( ) ( ) [ ] , . .. not ! - + or || and && == != < > <= >= in
	matches contains startsWith endsWith not not in * % ?? ; ? : | let # { } / ** ^`)

// TestGrammar holds the trees of expressions against those that expr's own parser makes: of random words, and of random
// expressions that are right. What expr reads and we do not must hold what has no place in a filter, among it pipes and semicolons.
func TestGrammar(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 9))
	both := 0
	for i := range 60_000 {
		var text string
		if i%2 == 0 {
			text = soup(random)
		} else {
			text = sentence(random, 4)
		}
		theirs, err := parser.Parse(text)
		s := &source{text: text}
		for i := range text + "." {
			s.offset = append(s.offset, i)
		}
		tokens, wrong := lexer.Lex(file.NewSource(text))
		if wrong != nil {
			continue
		}
		s.tokens = tokens
		ours, refused := s.tree()
		switch {
		case err != nil && refused == nil:
			t.Fatalf("%s: we read %s, expr says %v", text, shape(ours), err)
		case err != nil:
		case refused != nil:
			if got := theirShape(theirs.Node); !strings.Contains(got, "?!") && !strings.Contains(text, "; ") && !strings.Contains(text, " | ") {
				t.Fatalf("%s: expr reads %s, we say %v", text, got, refused)
			}
		case shape(ours) != theirShape(theirs.Node):
			t.Fatalf("%s: we read %s, expr reads %s", text, shape(ours), theirShape(theirs.Node))
		default:
			both++
		}
	}
	if both < 15_000 {
		t.Errorf("only %d expressions were read by both", both)
	}
}

// soup is words in any order.
func soup(random *rand.Rand) string {
	var b strings.Builder
	for range 1 + random.IntN(7) {
		b.WriteString(words[random.IntN(len(words))] + " ")
	}
	return b.String()
}

// sentence is an expression as the grammar has it, with parentheses here and there.
func sentence(random *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	if depth == 0 || random.IntN(6) == 0 {
		return pick("a", "b.c", "d.in", "1", "2.5", "nil", "true", `"t"`, "[]", "[1, a]", "len(a)", "bitand(a, 1,)", "f(1)")
	}
	below := func() string { return sentence(random, depth-1) }
	switch random.IntN(5) {
	case 0:
		return "(" + below() + ")"
	case 1:
		return pick("not ", "!", "-", "+") + below()
	case 2:
		return "len(" + below() + ")"
	}
	return below() + " " + pick("or", "||", "and", "&&", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "contains", "not matches",
		"endsWith", "..", "+", "-", "*", "%", "??", "/") + " " + below()
}

// shape writes a tree with all its parentheses.
func shape(n *node) string {
	var all []string
	for _, below := range n.nodes {
		all = append(all, shape(below))
	}
	switch n.part {
	case prefix, infix:
		return "(" + n.value + " " + strings.Join(all, " ") + ")"
	case function:
		return n.value + "(" + strings.Join(all, " ") + ")"
	case array:
		return "[" + strings.Join(all, " ") + "]"
	case literal:
		return "number"
	}
	return n.value
}

// theirShape is that of expr's tree; ?! stands for what has no place in a filter.
func theirShape(n ast.Node) string {
	list := func(nodes []ast.Node) string {
		var all []string
		for _, below := range nodes {
			all = append(all, theirShape(below))
		}
		return strings.Join(all, " ")
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return "nil"
	case *ast.BoolNode:
		if n.Value {
			return "true"
		}
		return "false"
	case *ast.StringNode:
		return n.Value
	case *ast.IntegerNode, *ast.FloatNode:
		return "number"
	case *ast.IdentifierNode:
		return n.Value
	case *ast.MemberNode:
		if property, ok := n.Property.(*ast.StringNode); ok && !n.Optional && !n.Method {
			if before := theirShape(n.Node); isDotted(n.Node) {
				return before + "." + property.Value
			}
		}
	case *ast.UnaryNode:
		return "(" + n.Operator + " " + theirShape(n.Node) + ")"
	case *ast.BinaryNode:
		if n.Operator == "/" || n.Operator == "**" || n.Operator == "^" {
			return "?!"
		}
		return "(" + n.Operator + " " + theirShape(n.Left) + " " + theirShape(n.Right) + ")"
	case *ast.ArrayNode:
		return "[" + list(n.Nodes) + "]"
	case *ast.BuiltinNode:
		if functions[n.Name] > 0 {
			return n.Name + "(" + list(n.Arguments) + ")"
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok && functions[callee.Value] > 0 {
			return callee.Value + "(" + list(n.Arguments) + ")"
		}
	}
	return "?!"
}

func isDotted(n ast.Node) bool {
	if inner, ok := n.(*ast.MemberNode); ok {
		return isDotted(inner.Node)
	}
	_, ok := n.(*ast.IdentifierNode)
	return ok
}

// TestDepth asks that what nests too deeply is refused, and that long lists are not.
func TestDepth(t *testing.T) {
	for text, refused := range map[string]bool{
		strings.Repeat("(", 5000) + "true" + strings.Repeat(")", 5000): true,
		"tcplen > 0" + strings.Repeat(" or tcplen > 0", 1000):          true,
		strings.Repeat("not ", 4000) + "true":                          true,
		"tcplen > 0" + strings.Repeat(" or tcplen > 0", 300):           false,
		"tcplen in [1" + strings.Repeat(",1", 8000) + "]":              false,
	} {
		if _, err := Compile(text); (err != nil) != refused {
			t.Errorf("%.40s…: %v", text, err)
		}
	}
}
