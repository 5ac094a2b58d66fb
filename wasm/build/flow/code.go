package flow

import "encoding/binary"

// Instructions that are looked at (WebAssembly core 5.4).
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opI32Load      = 0x28
	opI64Load      = 0x29
	opI64Load8U    = 0x31
	opI64Store     = 0x37
	opI32Const     = 0x41
	opI64Const     = 0x42
	opI64Eqz       = 0x50
	opI64Eq        = 0x51
	opI64Ne        = 0x52
	opI64LtU       = 0x54
	opI32And       = 0x71
	opI32Or        = 0x72
	opI32RotL      = 0x77
	opI32RotR      = 0x78
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Or        = 0x84
	opI64Shl       = 0x86
	opWrap         = 0xa7 // i64 to i32
	opExtend       = 0xad // i32 to i64, without sign
	void           = 0x40 // a block's type
	typeI32        = 0x7f
)

// instr is an instruction: bytes from…to of its function.
type instr struct {
	op       byte
	from, to int
	arg      int64 // its first immediate, if any
	table    []int // of br_table, the default last
}

// reader reads numbers and bytes; cut is set when they end too early.
type reader struct {
	rest []byte
	cut  bool
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.cut, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// uint reads a number without sign, in LEB128.
func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > 1<<32 {
		r.cut, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// int reads a number with a sign, in LEB128.
func (r *reader) int() int64 {
	var v int64
	for shift := 0; shift < 70; shift += 7 {
		b := r.byte()
		v |= int64(b&0x7f) << shift
		if b < 0x80 {
			if shift+7 < 64 && b&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	r.cut = true
	return v
}

// sized reads bytes behind their length.
func (r *reader) sized() []byte { return r.take(int(r.uint())) }

// decode reads the instructions of a function, whose locals end at from. It is nil when one is not among those that Go writes.
func decode(body []byte, from int) []instr {
	r := reader{rest: body[from:]}
	var list []instr
	for len(r.rest) > 0 {
		x := instr{from: len(body) - len(r.rest), op: r.byte()}
		if !r.immediates(&x) || r.cut {
			return nil
		}
		x.to = len(body) - len(r.rest)
		list = append(list, x)
	}
	return list
}

// immediates reads what stands behind an instruction's first byte; false for an instruction that is not known.
func (r *reader) immediates(x *instr) bool {
	switch op := x.op; {
	case op == opBlock, op == opLoop, op == opIf, op == 0x3f, op == 0x40: // memory.size, memory.grow
		x.arg = int64(r.byte())
	case op == opBr, op == opBrIf, op == opCall, op >= opLocalGet && op <= 0x24: // global.set
		x.arg = int64(r.uint())
	case op == opCallIndirect, op >= 0x28 && op <= 0x3e: // loads and stores
		r.uint()
		x.arg = int64(r.uint())
	case op == opBrTable:
		for n := r.uint() + 1; n > 0 && !r.cut; n-- {
			x.table = append(x.table, int(r.uint()))
		}
	case op == opI32Const, op == opI64Const:
		x.arg = r.int()
	case op == 0x43: // f32.const
		r.take(4)
	case op == 0x44: // f64.const
		r.take(8)
	case op == 0xfc:
		return r.extended()
	default:
		return op <= 0x01 || op == opElse || op == opEnd || op == opReturn || op == 0x1a || op == 0x1b || op >= 0x45 && op <= 0xc4
	}
	return true
}

// extended reads an instruction of two bytes: truncations that saturate, and those of whole pieces of memory.
func (r *reader) extended() bool {
	switch op := r.uint(); {
	case op < 8:
	case op == 10: // memory.copy
		r.take(2)
	case op == 11: // memory.fill
		r.take(1)
	default:
		return false
	}
	return true
}
