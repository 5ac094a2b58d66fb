package export

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// text is delimited text that is put together. What is written at a place is written in whole words, whose ends are
// overwritten by what follows: the buffer is always longer than what it holds.
type text struct {
	buf        []byte
	n          int    // bytes that were put together, the first of buf
	delimiters uint64 // the delimiter in every byte
	tops       [1 << topBits]top
	clocks     [4]clock    // by column
	fours      [1e4]uint32 // the four digits of numbers, less the character '0'
}

// top is the text of a number without its last eight digits. Sequence numbers of a connection have them in common.
type top struct {
	number uint64
	size   int
	text   [16]byte
}

// topBits is the logarithm of how many tops are kept.
const topBits = 8

// stride is how many bytes of a kept text are copied at once.
const stride = 32

// cellRoom is how many bytes a number behind its delimiter may take, and what is written over its end.
const cellRoom = 64

func newText(delimiter byte, room int) *text {
	t := &text{delimiters: uint64(delimiter) * 0x0101010101010101}
	for i := range t.fours {
		t.fours[i] = uint32(eight(uint32(i)) >> 32)
	}
	t.need(room)
	return t
}

// kept makes a text one that may be copied in strides: there is room behind it.
func kept(t []byte) []byte { return slices.Grow(t, stride) }

// need makes room for that many further bytes.
func (t *text) need(n int) {
	if len(t.buf)-t.n < n {
		t.buf = slices.Grow(t.buf[:t.n], n)
		t.buf = t.buf[:cap(t.buf)]
	}
}

// eight is what the function of that name is.
func (t *text) eight(v uint32) uint64 {
	high := v / 1e4
	return uint64(t.fours[high]) | uint64(t.fours[v-high*1e4])<<32
}

// set makes o the top of a number, of at most 12 digits.
func (o *top) set(v uint64) {
	var digits [room]byte
	o.number, o.size = v, copy(o.text[:], appendUint(digits[:0], v))
}

// delimit adds delimiters, of which there is room for eight more.
func (t *text) delimit(n int) {
	for k := 0; k < n; k += 8 {
		binary.LittleEndian.PutUint64(t.buf[t.n+k:], t.delimiters)
	}
	t.n += n
}

// bytes is all that was put together. What append makes of it may be given to set.
func (t *text) bytes() []byte { return t.buf[:t.n] }

func (t *text) set(b []byte) { t.buf, t.n = b[:cap(b)], len(b) }

// line adds the line of a record.
func (t *text) line(s *steps, r *Record) {
	t.need(s.room)
	for i := range s.list {
		next := &s.list[i]
		t.numbers(next.numbers, &r.Numbers)
		t.delimit(next.before)
		switch {
		case next.kept:
			t.kept(next.part.kept(r))
			t.need(s.room)
		case next.part != nil:
			t.set(next.part.append(t.bytes(), r))
			t.need(s.room)
		}
	}
	t.buf[t.n] = '\n'
	t.n++
}

// place is a column whose number a row has, in one word: the delimiters before it above the place in trace.Numbers, and
// timed if it is nanoseconds.
type place uint32

const (
	timed       = 1 << 6
	beforeShift = 8
)

// numbers adds numbers of a row, behind their delimiters. There is room for them.
func (t *text) numbers(list []place, numbers *trace.Numbers) {
	buf, n := t.buf, t.n
	for _, next := range list {
		binary.LittleEndian.PutUint64(buf[n:n+8], t.delimiters)
		before := int(next >> beforeShift)
		for ; before > 8; before -= 8 {
			n += 8
			binary.LittleEndian.PutUint64(buf[n:n+8], t.delimiters)
		}
		n += before
		v := numbers.At[next&63]
		if next&timed != 0 {
			t.n = n
			t.seconds(int64(v), uint8(next&63))
			n = t.n
			continue
		}
		if v >= nineDigits {
			high := v / nineDigits
			v -= high * nineDigits
			o := &t.tops[high*0x9e3779b97f4a7c15>>(64-topBits)]
			if o.number != high {
				o.set(high)
			}
			*(*[16]byte)(buf[n : n+16]) = o.text
			n += o.size
			binary.LittleEndian.PutUint64(buf[n:n+8], t.eight(uint32(v))|zeros)
			n += 8
			continue
		}
		digits := t.eight(uint32(v))
		skip := bits.TrailingZeros64(digits|1<<63) &^ 7 // the last digit stays, whatever it is
		binary.LittleEndian.PutUint64(buf[n:n+8], (digits|zeros)>>(skip&63))
		n += 8 - skip>>3
	}
	t.n = n
}

// kept adds a text that was kept, behind which there is room.
func (t *text) kept(kept []byte) {
	t.need(len(kept) + cellRoom)
	buf := t.buf[t.n:]
	for k := 0; k < len(kept); k += stride {
		*(*[stride]byte)(buf[k:]) = *(*[stride]byte)(kept[k : k+stride])
	}
	t.n += len(kept)
}

// seconds adds nanoseconds as seconds with nine decimals. There is room for them.
func (t *text) seconds(ns int64, column uint8) {
	second, rest := t.clocks[column%uint8(len(t.clocks))].split(ns)
	to := t.buf[t.n:]
	*(*[stride]byte)(to) = *(*[stride]byte)(second[:stride])
	end := (*[9]byte)(to[len(second):])
	end[0] = '0' + byte(rest/nineDigits)
	binary.LittleEndian.PutUint64(end[1:], t.eight(uint32(rest%nineDigits))|zeros)
	t.n += len(second) + len(end)
}
