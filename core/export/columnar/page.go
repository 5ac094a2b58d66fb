package columnar

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/klauspost/compress/zstd"
)

// page is a column of a row group, as Parquet has it.
type page struct {
	encoding   parquet.Encoding
	codec      compress.Compression
	size       int    // of what is compressed in data
	data       []byte // levels and values
	levels     int    // values, and what is missing
	dictionary []byte
	words      int // in the dictionary, 0 if there is none
	stats      metadata.EncodedStatistics
}

// scribe makes pages of columns, one after the other.
type scribe struct {
	*page
	zstd     *zstd.Encoder
	stated   bool // the least and greatest value are told
	body     []byte
	distinct distinct
	trial    []byte // room for a sample
}

// write makes the page of a column.
func (p *scribe) write(c column, to *page, stated bool) {
	p.page, p.stated, p.body = to, stated, p.body[:0]
	to.encoding, to.levels, to.words, to.dictionary, to.stats = parquet.Encodings.Plain, 0, 0, to.dictionary[:0], metadata.EncodedStatistics{}
	c.page(p)
	p.pack()
}

// sample is how many bytes of a page are compressed, and worthwhile what of them may remain at most, for all to be.
const (
	sample     = 1 << 14
	worthwhile = sample * 7 / 8
)

// pack compresses the page, if that is worth the time.
func (p *scribe) pack() {
	p.size = len(p.body)
	if p.size > 2*sample {
		middle := p.body[p.size/2:]
		if p.trial = p.zstd.EncodeAll(middle[:sample], p.trial[:0]); len(p.trial) > worthwhile {
			p.codec, p.body, p.data = compress.Codecs.Uncompressed, p.data, p.body
			return
		}
	}
	p.codec, p.data = compress.Codecs.Zstd, p.zstd.EncodeAll(p.body, p.data[:0])
}

// there adds which rows have a value.
func (p *scribe) there(l *levels) {
	p.levels = l.rows
	start := p.reserve()
	switch l.some {
	case l.rows:
		p.body = appendRun(p.body, 1, l.rows, 1)
	case 0:
		p.body = appendRun(p.body, 0, l.rows, 1)
	default:
		p.body = l.append(binary.AppendUvarint(p.body, uint64(l.rows+7)/8<<1|1))
	}
	p.measure(start)
}

// reserve leaves room for the length of what follows.
func (p *scribe) reserve() int {
	p.body = append(p.body, 0, 0, 0, 0)
	return len(p.body)
}

// measure writes the length of what was added since reserve.
func (p *scribe) measure(start int) {
	binary.LittleEndian.PutUint32(p.body[start-4:], uint32(len(p.body)-start))
}

// indices adds numbers of a dictionary of so many words.
func (p *scribe) indices(list []int32, words int) {
	width := widthOf(words)
	p.encoding, p.words = parquet.Encodings.RLEDict, words
	p.body = appendRuns(append(p.body, byte(width)), list, width)
}

// numbers adds values of 4 or 8 bytes, a short way that is quick.
func (p *scribe) numbers(values []uint64, size int) {
	switch {
	case len(values) > 0 && p.distinct.of(values):
		p.dictionary = appendPlain(p.dictionary, p.distinct.values, size)
		p.indices(p.distinct.places, len(p.distinct.values))
	case p.near(values, size):
		p.encoding = parquet.Encodings.DeltaBinaryPacked
		p.body = appendDeltas(p.body, values, size)
	default:
		p.body = appendPlain(p.body, values, size)
	}
}

// near says that numbers are told in fewer bytes by their differences. Some in their middle are tried.
func (p *scribe) near(values []uint64, size int) bool {
	part := values[len(values)/2:]
	part = part[:min(len(part), sample/size)]
	p.trial = appendDeltas(p.trial[:0], part, size)
	return len(p.trial) < len(part)*size*7/8
}

// state tells the least and the greatest value, and how many are missing.
func (p *scribe) state(values []uint64, missing, size int, signed bool) {
	p.stats = metadata.EncodedStatistics{HasNullCount: true, NullCount: int64(missing), Signed: signed}
	if len(values) == 0 {
		p.stats.AllNullValue = true
		return
	}
	flip := uint64(0)
	if signed {
		flip = 1 << 63 // puts negative numbers below the others
	}
	least, greatest := values[0]^flip, values[0]^flip
	for _, v := range values {
		least, greatest = min(least, v^flip), max(greatest, v^flip)
	}
	p.stats.SetMin(appendPlain(nil, []uint64{least ^ flip}, size)).SetMax(appendPlain(nil, []uint64{greatest ^ flip}, size))
}

// sizeOf is how many bytes a number of a type has in Parquet, which has none of fewer than four.
func sizeOf(kind arrow.DataType) int {
	if t, ok := kind.(arrow.FixedWidthDataType); ok && t.BitWidth() <= 32 {
		return 4
	}
	return 8
}

func (n *numbers) page(p *scribe) {
	p.there(&n.there)
	kind := n.About.kind
	if kind.ID() == arrow.BOOL {
		bits := packer{dst: p.body}
		for _, v := range n.values {
			bits.put(v&1, 1)
		}
		p.body = bits.end()
		return
	}
	size := sizeOf(kind)
	if p.stated {
		p.state(n.values, n.there.rows-len(n.values), size, kind.ID() == arrow.INT64 || kind.ID() == arrow.TIMESTAMP)
	}
	p.numbers(n.values, size)
}

// inList is the level of a value in a list: the list may be missing, it may be empty, the value may be missing.
const inList = 3

func (l *lists) page(p *scribe) {
	p.levels = 0
	filled, most := 0, int32(0)
	for _, n := range l.counts {
		p.levels += int(max(n, 1))
		filled += int(min(n, 1))
		most = max(most, n)
	}
	start := p.reserve()
	if most <= 1 {
		p.body = appendRun(p.body, 0, p.levels, 1)
	} else { // whether a value goes on with the list of the one before
		p.each(l.counts, 1, func(bits *packer, n int32) {
			bits.put(0, 1)
			bits.ones(int(n) - 1)
		})
	}
	p.measure(start)
	start = p.reserve()
	if filled == 0 || filled == len(l.counts) {
		p.body = appendRun(p.body, inList*uint32(min(filled, 1)), p.levels, 2)
	} else { // how much of the value is there
		p.each(l.counts, 2, func(bits *packer, n int32) {
			if n == 0 {
				bits.put(0, 2)
			}
			bits.ones(2 * int(n)) // inList
		})
	}
	p.measure(start)
	p.numbers(l.values, sizeOf(l.About.kind.(*arrow.ListType).Elem()))
}

// each packs the levels of lists, each of so many values.
func (p *scribe) each(counts []int32, width int, levels func(bits *packer, n int32)) {
	groups := (p.levels + 7) / 8
	bits := packer{dst: binary.AppendUvarint(p.body, uint64(groups)<<1|1)}
	for _, n := range counts {
		levels(&bits, n)
	}
	for range 8*groups - p.levels {
		bits.put(0, width)
	}
	p.body = bits.end()
}

func (w *words) page(p *scribe) {
	p.there(&w.there)
	if len(w.all) == 0 || w.size > maxDictionary {
		for _, i := range w.indices {
			p.body = appendWord(p.body, w.all[i])
		}
		w.forget()
		return
	}
	for _, word := range w.all {
		p.dictionary = appendWord(p.dictionary, word)
	}
	p.indices(w.indices, len(w.all))
}

// appendWord appends a text behind its length.
func appendWord(dst []byte, word string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(word))), word...)
}
