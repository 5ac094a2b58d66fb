package flow

import "slices"

// firstFunction is what return addresses call the first function of the code, in the bits above blockBits.
const (
	firstFunction = 0x1000
	blockBits     = 16
)

// function is one as Go makes them. Its code falls into parts, each up to the end of one of the blocks before the table; part 0
// is the begin of the function.
type function struct {
	ours   bool
	list   []instr
	head   int // instructions before the first block or loop
	parts  []part
	last   int    // what follows the last part, the end of the entry loop and an unreachable
	loop   bool   // it has an entry loop
	leave  bool   // it has a block for leaving
	table  []int  // part by block number, as in return addresses; the last is the default
	entry  []bool // parts that the table leads to
	turns  bool   // there are jumps by the table left
	ends   []int  // by part: the last part of the loop that begins there, -1 if none does
	grows  int    // the instruction that asks whether the stack must grow, -1 if none does
	reads  []read // of whole numbers
	params int    // how many there are, -1 if that is not known
	locals int    // beside them
}

// part is some instructions, from…to of the function's list, and where they jump to.
type part struct {
	from, to int
	jumps    []jump
}

// jump is a jump: instructions from…to of the function's list, which are one branch in the end.
type jump struct {
	op       byte // of the branch
	from, to int
	target   int // a part, or leaving
	depth    int // of blocks of its own around it
}

// leaving is the target of what leaves the function for another goroutine.
const leaving = -1

// parse reads a function; nil if it is not of that form.
func parse(body []byte) *function {
	r := reader{rest: body}
	f := &function{}
	for n := r.uint(); n > 0 && !r.cut; n-- {
		f.locals += int(r.uint())
		r.byte()
	}
	if f.list = decode(body, len(body)-len(r.rest)); f.list == nil || r.cut {
		return nil
	}
	first, ok := f.opening()
	if !ok || !f.divide(first) {
		return nil
	}
	return f
}

// is compares the operations from an instruction on.
func (f *function) is(at int, ops ...byte) bool {
	if at+len(ops) > len(f.list) {
		return false
	}
	for i, op := range ops {
		if f.list[at+i].op != op {
			return false
		}
	}
	return true
}

// opening reads up to the table, behind which first is the first instruction.
func (f *function) opening() (first int, ok bool) {
	at := 0
	if f.is(at, opGlobalGet, opLocalSet) {
		at += 2
	}
	f.head = at
	before := f.blocks(at)
	at += before
	blocks := before
	if f.loop = f.is(at, opLoop); f.loop {
		blocks = f.blocks(at + 1)
		at += 1 + blocks
	}
	if !f.is(at, opLocalGet, opBrTable, opEnd) || f.list[at].arg != 0 {
		return 0, false
	}
	f.table = f.list[at+1].table
	parts := slices.Max(f.table) + 1 // the default leads to the last one
	if f.loop {
		f.leave, ok = before == 1, before <= 1 && blocks == parts
	} else {
		f.leave, ok = blocks == parts+1, blocks == parts || blocks == parts+1
	}
	if ok {
		f.parts = make([]part, 0, parts)
	}
	return at + 3, ok
}

// blocks is how many blocks are opened from an instruction on.
func (f *function) blocks(at int) int {
	n := 0
	for f.is(at+n, opBlock) {
		n++
	}
	return n
}

// divide finds the parts and their jumps.
func (f *function) divide(first int) bool {
	p, depth := part{from: first}, 0
	for at := first; at < len(f.list); at++ {
		out := cap(f.parts) - len(f.parts) - 1 + depth // labels further in than the entry loop
		switch x := &f.list[at]; x.op {
		case opBlock, opLoop:
			depth++
		case opIf:
			if f.jumps(at+1, out+1) && f.is(at+4, opEnd) {
				p.jumps = append(p.jumps, jump{op: opBrIf, from: at, to: at + 5, target: f.target(at + 1), depth: depth})
				at += 4
				continue
			}
			depth++
		case opI32Const:
			if f.jumps(at, out) {
				p.jumps = append(p.jumps, jump{op: opBr, from: at, to: at + 3, target: f.target(at), depth: depth})
				at += 2
			}
		case opBr, opBrIf:
			if x.arg < int64(depth) {
				continue // to one of its own
			}
			if !f.leave || x.arg != int64(out+f.inner()) {
				return false
			}
			p.jumps = append(p.jumps, jump{op: x.op, from: at, to: at + 1, target: leaving, depth: depth})
		case opBrTable:
			return false
		case opEnd:
			if depth--; depth >= 0 {
				continue
			}
			depth, p.to = 0, at
			f.parts = append(f.parts, p)
			p = part{from: at + 1}
			if len(f.parts) == cap(f.parts) {
				return f.closing(at)
			}
		}
	}
	return false
}

// inner is how many labels are between the blocks of the parts and the one for leaving.
func (f *function) inner() int {
	if f.loop {
		return 1
	}
	return 0
}

// closing reads what follows the end of the last part.
func (f *function) closing(at int) bool {
	f.last = at
	if !f.loop {
		return true // it is that of the function, or of the block for leaving
	}
	f.last += 2
	return f.is(at+1, opUnreachable)
}

// jumps says whether a jump by the table stands there.
func (f *function) jumps(at, loop int) bool {
	return f.loop && f.is(at, opI32Const, opLocalSet, opBr) && f.list[at+1].arg == 0 && f.list[at+2].arg == int64(loop)
}

// target is the part that a jump leads to.
func (f *function) target(at int) int { return f.at(f.list[at].arg) }

// at is the part of a block number.
func (f *function) at(number int64) int {
	return f.table[min(uint64(number), uint64(len(f.table)-1))]
}

// find decides where the table still leads to, and what becomes a loop.
func (f *function) find(m *module, number int64) {
	f.entry, f.ends = make([]bool, len(f.parts)), make([]int, len(f.parts))
	for i := range f.parts {
		f.entry[i], f.ends[i] = true, -1
	}
	if f.ours {
		f.entries(m, number)
	}
	f.loops()
}

// entries finds the parts behind calls. A function that recovers is entered elsewhere, too: it keeps all.
func (f *function) entries(m *module, number int64) {
	entry := make([]bool, len(f.parts))
	entry[0] = true
	for at := range f.list {
		switch x := &f.list[at]; {
		case x.op == opCall && m.called(int(x.arg)) == "runtime.deferreturn":
			return
		case x.op == opI64Const && x.arg>>blockBits == number && f.is(at+1, opI64Store) && !f.panics(m, at):
			entry[f.at(x.arg&(1<<blockBits-1))] = true
		}
	}
	for i, p := range f.parts {
		if f.is(p.from, opUnreachable) {
			entry[i] = false
		}
	}
	f.entry = entry
}

// panics says whether the next call is one of which nobody comes back.
func (f *function) panics(m *module, at int) bool {
	for ; at < len(f.list); at++ {
		switch f.list[at].op {
		case opCall:
			return m.called(int(f.list[at].arg)) == "runtime.sigpanic"
		case opCallIndirect:
			return false
		}
	}
	return false
}

// bytes are those of instructions.
func (f *function) bytes(body []byte, from, to int) []byte {
	if from >= to {
		return nil
	}
	return body[f.list[from].from:f.list[to-1].to]
}
