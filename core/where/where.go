// Package where selects rows by an expression over their columns: packets by the columns of package trace, rows of any
// answer by the columns of its table.
//
//	p, err := where.Compile(`tcplen > 0 && dss_dsn != nil`)
//	if p.Match(&trace.Context{Interfaces: t.Interfaces}, &row) { … }
//	rows, err := p.Rows(ctx, t, t.StreamRows(2))
//	fewer, err := where.Table(`bytes > 1000`, table)
//
// The grammar is that of github.com/expr-lang/expr, whose lexer and table of operators are used. Its parser is not, as that
// would make the page larger (tree.go), nor its evaluator, as it is wrong above 2⁶³: expressions are checked and compiled here,
// to predicates that are exact. Whole numbers and decimals are computed in
// 127 bits, times in nanoseconds; only columns that hold measured ratios and rates are compared as float64.
//
// A column that is absent from a row is nil. nil equals nothing but nil, and is neither less nor greater: `dsn == nil` asks
// for it, `dsn > 5` leaves it out, `dsn != 5` keeps it. What does not fit in 127 bits is nil too.
//
// It refuses, with an *Error that marks the word: unknown columns, operands whose types differ, division and powers (which
// are not exact), and what has no place in a filter: variables, maps, closures.
package where

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Error says what is wrong with an expression. Start and End are byte offsets of the word to blame.
type Error struct {
	Start, End int
	Message    string
	Suggestion string // what would be right, or empty
}

// Error is the message with its suggestion on one line.
func (e *Error) Error() string {
	if e.Suggestion != "" {
		return e.Message + ": " + e.Suggestion
	}
	return e.Message
}

// Predicate is a compiled expression over packets. It never changes and is safe for use by several goroutines.
type Predicate struct {
	source string
	test   func(packet) bool
	used   []string
	among  among
	span   span
}

// packet is a row with what its text needs.
type packet struct {
	context *trace.Context
	row     *trace.Row
}

// Compile checks an expression over the packet columns and compiles it. An error is an *Error.
func Compile(source string) (*Predicate, error) {
	c := &compiler[packet]{columns: packetColumns()}
	test, err := c.compile(source)
	if err != nil {
		return nil, err
	}
	return &Predicate{source: source, test: test, used: c.used, among: amongOf(c.root), span: spanOf(c.root)}, nil
}

// Match says whether a packet satisfies the expression.
func (p *Predicate) Match(c *trace.Context, r *trace.Row) bool { return p.test(packet{c, r}) }

// Columns are the names of the columns that the expression reads, in the order of their first use.
func (p *Predicate) Columns() []string { return p.used }

// String is the expression as it was written.
func (p *Predicate) String() string { return p.source }

// checkEvery is how many rows are looked at between two looks at the context.
const checkEvery = 1 << 12

// Rows selects those of rows, or of all rows of t where rows is nil, that satisfy the expression. A cancelled ctx ends it.
func (p *Predicate) Rows(ctx context.Context, t *trace.Trace, rows []uint32) ([]uint32, error) {
	found := []uint32{}
	on := trace.Context{Interfaces: t.Interfaces}
	var row trace.Row
	all := rows == nil && p.among.rows == nil
	n := len(rows)
	switch {
	case all:
		n = t.Len()
	case rows == nil:
		rows = p.among.rows(t, p.among.id)
		n = len(rows)
	}
	within, bounded := p.span, p.span.bounded() && n > 0
	if bounded {
		within = within.on(t)
	}
	for i := range n {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		id := uint32(i)
		if !all {
			id = rows[i]
		}
		if bounded && !within.has(t.Time(id)) {
			continue
		}
		if t.Row(int(id), &row); p.Match(&on, &row) {
			found = append(found, id)
		}
	}
	return found, nil
}
