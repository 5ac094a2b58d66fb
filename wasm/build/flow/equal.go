package flow

import "bytes"

// compareBytes is the function by which Go compares pieces of memory, addresses for example: one byte a turn.
const compareBytes = "memeqbody"

// The instructions of that function: what it does first, and its loop. Its parameters are two addresses and a length.
var (
	compareFirst = []byte{
		0,                                                                                 // no locals
		opLocalGet, 0, opLocalGet, 1, opI64Eq, opIf, void, opI64Const, 1, opReturn, opEnd, // the same piece
	}
	compareEach = []byte{
		opLoop, void,
		opLocalGet, 2, opI64Eqz, opIf, void, opI64Const, 1, opReturn, opEnd,
		opLocalGet, 0, opWrap, opI64Load8U, 0, 0, opLocalGet, 1, opWrap, opI64Load8U, 0, 0, opI64Ne, opIf, void, opI64Const, 0, opReturn, opEnd,
		opLocalGet, 0, opI64Const, 1, opI64Add, opLocalSet, 0,
		opLocalGet, 1, opI64Const, 1, opI64Add, opLocalSet, 1,
		opLocalGet, 2, opI64Const, 1, opI64Sub, opLocalSet, 2,
		opBr, 0, opEnd, opUnreachable,
	}
	// compareEight goes before that loop: it leaves less than eight bytes to it.
	compareEight = []byte{
		opBlock, void, opLoop, void,
		opLocalGet, 2, opI64Const, 8, opI64LtU, opBrIf, 1,
		opLocalGet, 0, opWrap, opI64Load, 0, 0, opLocalGet, 1, opWrap, opI64Load, 0, 0, opI64Ne, opIf, void, opI64Const, 0, opReturn, opEnd,
		opLocalGet, 0, opI64Const, 8, opI64Add, opLocalSet, 0,
		opLocalGet, 1, opI64Const, 8, opI64Add, opLocalSet, 1,
		opLocalGet, 2, opI64Const, 8, opI64Sub, opLocalSet, 2,
		opBr, 0, opEnd, opEnd,
	}
)

// byEights is compareBytes with eight bytes a turn, as long as there are so many. A function that is not as it is known stays.
func byEights(body []byte) []byte {
	loop, ok := bytes.CutPrefix(body, compareFirst)
	if !ok || !bytes.HasPrefix(loop, compareEach) {
		return body
	}
	return append(append(bytes.Clone(compareFirst), compareEight...), loop...)
}
