package flow

import (
	"encoding/binary"
	"strings"
)

// hintSection is the custom section that says which branches are hardly ever taken (WebAssembly's proposal of branch hints,
// part of version 3.0). A compiler that knows it puts the code behind them aside; to all others it is nothing.
const hintSection = "metadata.code.branch_hint"

// unlikely is a hint's value, behind its length.
var unlikely = []byte{1, 0}

// hints are the unlikely branches of one function: where they stand, from the begin of its locals on.
type hints struct {
	function int // its number in the module
	at       []int
}

// appendHints appends a section with hints of functions, if there are any.
func appendHints(out []byte, all []hints) []byte {
	if len(all) == 0 {
		return out
	}
	body := appendSized(nil, []byte(hintSection))
	body = binary.AppendUvarint(body, uint64(len(all)))
	for _, h := range all {
		body = binary.AppendUvarint(body, uint64(h.function))
		body = binary.AppendUvarint(body, uint64(len(h.at)))
		for _, at := range h.at {
			body = append(binary.AppendUvarint(body, uint64(at)), unlikely...)
		}
	}
	return appendSized(append(out, customSection), body)
}

// cold says whether a jump's target is one that is hardly ever taken: that leaves the function for another goroutine, or ends
// in a panic, behind which Go puts what cannot be reached.
func (f *function) cold(target int) bool {
	if target == leaving {
		return true
	}
	p := f.parts[target]
	return p.to > p.from && f.list[p.to-1].op == opUnreachable
}

// growth is the instruction by which a function asks whether its stack must grow, -1 if it does not.
func (f *function) growth(m *module) int {
	asked := -1
	for at := f.parts[0].from; at < f.parts[0].to; at++ {
		switch x := &f.list[at]; x.op {
		case opIf:
			asked = at
		case opCall:
			if strings.HasPrefix(m.called(int(x.arg)), "runtime.morestack") {
				return asked
			}
			return -1
		}
	}
	return -1
}
