package flow

import (
	"encoding/binary"
	"slices"
)

// Labels that are no part's, besides leaving.
const (
	entryLoop = -2 - iota
	noPart    // an end that is never reached
)

// emitter writes a function anew.
type emitter struct {
	*function
	body     []byte
	out      []byte
	unlikely []int // branches in out that are hardly ever taken
	labels   []int // what can be branched to, outermost first: the number of a part, or one of the constants above
}

// emit writes the function's body with direct jumps.
func (f *function) emit(body []byte) *emitter {
	e := &emitter{function: f, body: body}
	e.declare(body[:f.list[0].from])
	e.copy(0, f.head)
	if f.leave {
		e.open(opBlock, leaving)
	}
	if f.turns {
		e.open(opLoop, entryLoop)
	}
	e.open(opBlock, noPart)
	e.region(0, len(f.parts)-1, true)
	e.close()
	if f.turns {
		e.close()
	}
	e.out = append(e.out, opUnreachable)
	e.copy(f.last, len(f.list))
	return e
}

// declare writes the locals, and one more if there are reads that need it.
func (e *emitter) declare(locals []byte) {
	if len(e.reads) == 0 {
		e.out = append(e.out, locals...)
		return
	}
	r := reader{rest: locals}
	e.out = binary.AppendUvarint(e.out, r.uint()+1)
	e.out = append(append(e.out, r.rest...), 1, typeI32)
}

// copy writes instructions as they are, but for whole reads.
func (e *emitter) copy(from, to int) {
	if e.grows >= from && e.grows < to {
		e.unlikely = append(e.unlikely, len(e.out)+e.list[e.grows].from-e.list[from].from)
	}
	i, _ := slices.BinarySearchFunc(e.reads, from, func(r read, from int) int { return r.from - from })
	for ; i < len(e.reads) && e.reads[i].from < to; i++ {
		r := e.reads[i]
		e.out = append(e.out, e.bytes(e.body, from, r.from)...)
		e.out = r.write(e.out, e.bytes(e.body, r.base, r.end), uint64(e.params+e.locals))
		from = r.to
	}
	e.out = append(e.out, e.bytes(e.body, from, to)...)
}

func (e *emitter) open(op byte, label int) {
	e.out = append(e.out, op, void)
	e.labels = append(e.labels, label)
}

func (e *emitter) close() {
	e.out = append(e.out, opEnd)
	e.labels = e.labels[:len(e.labels)-1]
}

// depth is how far out a label stands. The innermost one counts: a loop's head before the block that ends at it.
func (e *emitter) depth(label int) int {
	for i := len(e.labels) - 1; i >= 0; i-- {
		if e.labels[i] == label {
			return len(e.labels) - 1 - i
		}
	}
	return -1
}

// region writes parts from…to: those that are jumped to from before them each behind the end of a block. The outermost region
// begins with the table.
func (e *emitter) region(from, to int, table bool) {
	wanted := e.wanted(from, to, table)
	for i := to; i >= from; i-- {
		if wanted[i-from] {
			e.open(opBlock, i)
		}
	}
	if table {
		e.writeTable()
	}
	for i := from; i <= to; i++ {
		if wanted[i-from] {
			e.close()
		}
		if end := e.ends[i]; end >= 0 && (i > from || table) {
			e.open(opLoop, i)
			e.region(i, end, false)
			e.close()
			i = end
			continue
		}
		e.part(i)
	}
}

// wanted says which parts of a region are jumped to from before them: by the table, or from a part before that is not in
// the same inner loop.
func (e *emitter) wanted(from, to int, table bool) []bool {
	wanted := make([]bool, to-from+1)
	for i := from; i <= to; i++ {
		wanted[i-from] = wanted[i-from] || table && e.entry[i]
		for _, j := range e.parts[i].jumps {
			if j.target > i && j.target <= to {
				wanted[j.target-from] = true
			}
		}
	}
	for i := from; i <= to; i++ { // an inner loop opens its own
		if end := e.ends[i]; end >= 0 && (i > from || table) {
			clear(wanted[i-from+1 : end-from+1])
			i = end
		}
	}
	return wanted
}

// writeTable writes the table of the parts where the function can be entered.
func (e *emitter) writeTable() {
	e.out = append(e.out, opLocalGet, 0, opBrTable)
	e.out = binary.AppendUvarint(e.out, uint64(len(e.table)-1))
	for _, part := range e.table {
		if !e.entry[part] {
			part = noPart
		}
		e.out = binary.AppendUvarint(e.out, uint64(e.depth(part)))
	}
}

// part writes the code of a part.
func (e *emitter) part(i int) {
	p := &e.parts[i]
	at := p.from
	for _, j := range p.jumps {
		e.copy(at, j.from)
		if j.back(i) && e.ends[j.target] < 0 {
			e.turn(j)
		} else {
			if j.op == opBrIf && e.cold(j.target) {
				e.unlikely = append(e.unlikely, len(e.out))
			}
			e.branch(j.op, e.depth(j.target)+j.depth)
		}
		at = j.to
	}
	e.copy(at, p.to)
}

// turn writes a jump by the table.
func (e *emitter) turn(j jump) {
	at, depth := j.from, e.depth(entryLoop)+j.depth
	if j.op == opBrIf {
		e.copy(at, at+1)
		at, depth = at+1, depth+1
	}
	e.copy(at, at+2)
	e.branch(opBr, depth)
	if j.op == opBrIf {
		e.out = append(e.out, opEnd)
	}
}

// branch writes a branch to the label that stands so far out.
func (e *emitter) branch(op byte, depth int) {
	e.out = binary.AppendUvarint(append(e.out, op), uint64(depth))
}
