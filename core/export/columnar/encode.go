package columnar

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// The encodings of Parquet that are used: numbers packed to the bits they need, runs of equal ones, differences.

// packer packs numbers one after the other, the first in the lowest bits.
type packer struct {
	dst  []byte
	word uint64
	n    int // bits in word, below 64
}

// put adds the low bits of a number that has no others.
func (p *packer) put(v uint64, width int) {
	p.word |= v << (p.n & 63)
	if p.n += width; p.n >= 64 {
		p.dst = binary.LittleEndian.AppendUint64(p.dst, p.word)
		p.n -= 64
		p.word = v >> (width - p.n)
	}
}

// ones adds so many bits that are set.
func (p *packer) ones(n int) {
	for ; n > 0; n -= 32 {
		p.put(1<<min(n, 32)-1, min(n, 32))
	}
}

// end completes the last byte.
func (p *packer) end() []byte {
	for ; p.n > 0; p.n -= 8 {
		p.dst, p.word = append(p.dst, byte(p.word)), p.word>>8
	}
	p.n, p.word = 0, 0
	return p.dst
}

// shortestRun is how many equal numbers are written as a run.
const shortestRun = 16

// appendRuns appends small numbers in Parquet's mixture of packed groups of eight, and runs.
func appendRuns(dst []byte, list []int32, width int) []byte {
	from := 0 // what is before it was written
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && list[end] == list[i] {
			end++
		}
		if end-i < shortestRun {
			i = end
			continue
		}
		i = from + (i-from+7)&^7 // whole groups first
		dst = appendGroups(dst, list[from:i], width)
		dst = appendRun(dst, uint32(list[i]), end-i, width)
		from, i = end, end
	}
	return appendGroups(dst, list[from:], width)
}

// appendGroups appends packed numbers, the last group of eight filled with zeros.
func appendGroups(dst []byte, list []int32, width int) []byte {
	if len(list) == 0 {
		return dst
	}
	groups := (len(list) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	if width <= 8 {
		whole := len(list) &^ 7
		dst, list = appendEights(dst, list[:whole], width), list[whole:]
		groups -= whole / 8
	}
	p := packer{dst: dst}
	for _, v := range list {
		p.put(uint64(v), width)
	}
	for range groups*8 - len(list) {
		p.put(0, width)
	}
	return p.end()
}

// appendEights appends whole groups of numbers of at most eight bits.
func appendEights(dst []byte, list []int32, width int) []byte {
	dst = slices.Grow(dst, len(list)/8*width+8)
	w := uint(width) & 15
	for ; len(list) >= 8; list = list[8:] {
		low := uint64(list[0]) | uint64(list[1])<<w | uint64(list[2])<<(2*w) | uint64(list[3])<<(3*w)
		high := uint64(list[4]) | uint64(list[5])<<w | uint64(list[6])<<(2*w) | uint64(list[7])<<(3*w)
		dst = binary.LittleEndian.AppendUint64(dst, low|high<<(4*w))[:len(dst)+width]
	}
	return dst
}

// appendRun appends a number as often as it is there.
func appendRun(dst []byte, v uint32, times, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(times)<<1)
	for ; width > 0; width -= 8 {
		dst, v = append(dst, byte(v)), v>>8
	}
	return dst
}

// Sizes of the blocks of differences.
const (
	deltaBlock = 128
	deltaMini  = 32
)

// appendDeltas appends numbers of 32 or 64 bits by their differences (DELTA_BINARY_PACKED).
func appendDeltas(dst []byte, values []uint64, size int) []byte {
	dst = binary.AppendUvarint(dst, deltaBlock)
	dst = binary.AppendUvarint(dst, deltaBlock/deltaMini)
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	if len(values) == 0 {
		return binary.AppendVarint(dst, 0)
	}
	signed := func(v uint64) int64 {
		if size == 4 {
			return int64(int32(v))
		}
		return int64(v)
	}
	dst = binary.AppendVarint(dst, signed(values[0]))
	var deltas [deltaBlock]int64
	for at := 1; at < len(values); at += deltaBlock {
		n := min(deltaBlock, len(values)-at)
		least := signed(values[at] - values[at-1])
		for i := range n {
			deltas[i] = signed(values[at+i] - values[at+i-1])
			least = min(least, deltas[i])
		}
		dst = appendDeltaBlock(binary.AppendVarint(dst, least), deltas[:n], least, 1<<(8*size-1)|(1<<(8*size-1)-1))
	}
	return dst
}

// appendDeltaBlock appends the widths of the parts of a block, and the differences less the least of them. mask is all bits
// of a number.
func appendDeltaBlock(dst []byte, deltas []int64, least int64, mask uint64) []byte {
	widths := len(dst)
	dst = append(dst, make([]byte, deltaBlock/deltaMini)...)
	for mini := 0; mini*deltaMini < len(deltas); mini++ {
		part := deltas[mini*deltaMini : min((mini+1)*deltaMini, len(deltas))]
		all := uint64(0)
		for _, d := range part {
			all |= uint64(d-least) & mask
		}
		width := bits.Len64(all)
		dst[widths+mini] = byte(width)
		p := packer{dst: dst}
		for _, d := range part {
			p.put(uint64(d-least)&mask, width)
		}
		for range deltaMini - len(part) {
			p.put(0, width)
		}
		dst = p.end()
	}
	return dst
}

// appendPlain appends numbers as they are, in 4 or 8 bytes.
func appendPlain(dst []byte, values []uint64, size int) []byte {
	start := len(dst)
	dst = slices.Grow(dst, len(values)*size)[:start+len(values)*size]
	to := dst[start:]
	if size == 4 {
		for _, v := range values {
			binary.LittleEndian.PutUint32(to, uint32(v))
			to = to[4:]
		}
		return dst
	}
	for _, v := range values {
		binary.LittleEndian.PutUint64(to, v)
		to = to[8:]
	}
	return dst
}

// distinct numbers the different values of a column.
type distinct struct {
	values []uint64 // by number
	places []int32  // the numbers of all
	slots  [2 * mostDistinct]slot
	round  uint32
}

type slot struct {
	value  uint64
	number int32
	round  uint32 // of distinct when the slot was filled
}

// Few different values are those up to mostDistinct, and up to a quarter of the first tried.
const (
	mostDistinct = 1 << 12
	tried        = 1 << 12
)

// of numbers values, and says whether they are few.
func (d *distinct) of(values []uint64) bool {
	d.values, d.places, d.round = d.values[:0], slices.Grow(d.places[:0], len(values))[:len(values)], d.round+1
	last := slot{}
	for i, v := range values {
		if v != last.value || i == 0 {
			s := &d.slots[d.find(v)]
			if s.round != d.round {
				if len(d.values) == mostDistinct || i < tried && len(d.values) > tried/4 {
					return false
				}
				*s = slot{value: v, number: int32(len(d.values)), round: d.round}
				d.values = append(d.values, v)
			}
			last = *s
		}
		d.places[i] = last.number
	}
	return 2*len(d.values) <= len(values)
}

// find is the slot of a value, or the free one for it. Half of the slots are free.
func (d *distinct) find(v uint64) uint64 {
	const shift = 64 - 13 // bits of 2*mostDistinct
	at := v * 0x9e3779b97f4a7c15 >> shift
	for {
		if s := &d.slots[at%uint64(len(d.slots))]; s.value == v || s.round != d.round {
			return at % uint64(len(d.slots))
		}
		at++
	}
}

// widthOf is how many bits the numbers of so many values need.
func widthOf(values int) int { return bits.Len(uint(max(values, 1) - 1)) }
