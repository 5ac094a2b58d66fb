package flow

import "encoding/binary"

// Go reads a number of the network, which has its highest byte first, byte by byte: for each one it fetches the address anew,
// and shifts. What follows finds such reads of four and of eight bytes, and has them done by one load and a swap of bytes.

// Which bytes of a number are read when it is whole, see operand.mask.
const (
	wholeFour  = 0x0f
	wholeEight = 0xff
)

// operand is what instructions from…to of a function's list leave on the stack, and change nothing else.
type operand struct {
	from, to int
	constant bool
	value    int64 // of a constant
	// What follows is of bytes that were read and shifted: which bytes of the number there are, the lowest first; where the
	// lowest one lies, behind the address; and the instructions that give the address. No bytes, no mask.
	mask      uint8
	lowest    int64
	base, end int
}

// read is an operand that is a whole number.
type read operand

// findReads finds the reads of whole numbers, in order.
func (f *function) findReads(body []byte) []read {
	var found []read
	var stack []operand
	for at := range f.list {
		var known bool
		if stack, known = f.step(body, stack, at); !known {
			stack = stack[:0]
			continue
		}
		top := stack[len(stack)-1]
		if f.list[at].op != opI64Or || top.mask != wholeFour && top.mask != wholeEight {
			continue
		}
		for len(found) > 0 && found[len(found)-1].from >= top.from { // it is a part of this one
			found = found[:len(found)-1]
		}
		found = append(found, read(top))
	}
	return found
}

// step does an instruction; known is false where it is none of those that reads are made of.
func (f *function) step(body []byte, stack []operand, at int) (_ []operand, known bool) {
	x, n := &f.list[at], len(stack)
	switch x.op {
	case opLocalGet, opI64Const:
		return append(stack, operand{from: at, to: at + 1, constant: x.op == opI64Const, value: x.arg}), true
	case opI64Load, opWrap:
		if n < 1 {
			return stack, false
		}
		stack[n-1] = operand{from: stack[n-1].from, to: at + 1}
		return stack, true
	case opI64Load8U:
		if n < 1 {
			return stack, false
		}
		from := stack[n-1].from
		stack[n-1] = operand{from: from, to: at + 1, mask: 1, lowest: x.arg, base: from, end: at}
		return stack, true
	case opI64Add, opI64Shl, opI64Or:
		if n < 2 {
			return stack, false
		}
		a, b := stack[n-2], stack[n-1]
		stack = stack[:n-1]
		stack[n-2] = f.joined(body, x.op, a, b)
		stack[n-2].from, stack[n-2].to = a.from, at+1
		return stack, true
	}
	return stack, false
}

// joined is what an instruction makes of two operands.
func (f *function) joined(body []byte, op byte, a, b operand) operand {
	switch {
	case op == opI64Shl && a.mask != 0 && b.constant && b.value > 0 && b.value < 64 && b.value%8 == 0:
		n := b.value / 8
		if moved := a.mask << n; moved>>n == a.mask {
			a.mask, a.lowest = moved, a.lowest+n
			return a
		}
	case op == opI64Or && a.mask != 0 && b.mask != 0 && a.mask&b.mask == 0 && a.lowest == b.lowest &&
		string(f.bytes(body, a.base, a.end)) == string(f.bytes(body, b.base, b.end)):
		a.mask |= b.mask
		return a
	}
	return operand{}
}

// write appends the instructions that do a read. swap is the local that they use.
func (r read) write(out, address []byte, swap uint64) []byte {
	if r.mask == wholeFour {
		return r.word(out, address, swap, r.lowest-3)
	}
	out = r.word(out, address, swap, r.lowest-7)
	out = append(out, opI64Const, 32, opI64Shl)
	out = r.word(out, address, swap, r.lowest-3)
	return append(out, opI64Or)
}

// word appends a read of four bytes, the highest at an offset from the address: those of odd and of even places are turned to
// where they belong, each from another side.
func (r read) word(out, address []byte, swap uint64, offset int64) []byte {
	out = append(out, address...)
	out = append(out, opI32Load, 0)
	out = binary.AppendUvarint(out, uint64(offset))
	out = binary.AppendUvarint(append(out, opLocalTee), swap)
	out = append(out, opI32Const, 8, opI32RotL)
	out = append(out, opI32Const, 0xff, 0x81, 0xfc, 0x07, opI32And) // 0x00ff00ff
	out = binary.AppendUvarint(append(out, opLocalGet), swap)
	out = append(out, opI32Const, 8, opI32RotR)
	out = append(out, opI32Const, 0x80, 0xfe, 0x83, 0x78, opI32And) // 0xff00ff00
	return append(out, opI32Or, opExtend)
}
