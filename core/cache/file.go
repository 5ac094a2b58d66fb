package cache

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"github.com/klauspost/compress/s2"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/snapshot"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// A file is magic, the maker's name after its length, blocks, and an empty block. A block is its length, its length
// decompressed, the CRC-32C of both and of its bytes, and its bytes: as they are where both lengths are the same, else
// compressed with S2, which is done where it makes a third of them or less, as decompressing costs more than reading does.
// Numbers are little endian, of 32 bits. The empty block's decompressed length is the number of blocks before it: a file that
// was cut is no whole one.
const magic = "mptcptrace2\n"

const (
	blockSize = 1 << 20
	headSize  = 12
)

// Errors of a file; each goes on from its name.
var (
	errForeign  = errors.New("is no file of this cache")
	errOther    = errors.New("is of another version of the program")
	errDamaged  = errors.New("is damaged")
	errTooLarge = errors.New("is larger than the cache may be")
	errChecksum = errors.New("a checksum is wrong")
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// write writes a trace, at most limit bytes.
func write(ctx context.Context, f io.Writer, t *trace.Trace, limit int64) error {
	name := maker()
	head := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(name)))
	if _, err := f.Write(append(head, name...)); err != nil {
		return err
	}
	b := &blockWriter{ctx: ctx, f: f, table: castagnoli(), room: limit}
	if err := t.Save(b); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	return b.block(nil, b.blocks)
}

// blockWriter gathers bytes to blocks.
type blockWriter struct {
	ctx    context.Context
	f      io.Writer
	table  *crc32.Table
	raw    []byte
	out    []byte
	blocks uint32
	room   int64
}

// Write takes bytes. A long stretch begins a block and ends one, so that reading it needs no copy.
func (b *blockWriter) Write(p []byte) (int, error) {
	if len(p) > snapshot.Stretch {
		return b.stretch(p)
	}
	for n := 0; n < len(p); {
		part := min(len(p)-n, blockSize-len(b.raw))
		b.raw = append(b.raw, p[n:n+part]...)
		n += part
		if len(b.raw) == blockSize {
			if err := b.flush(); err != nil {
				return n, err
			}
		}
	}
	return len(p), nil
}

func (b *blockWriter) stretch(p []byte) (int, error) {
	if err := b.flush(); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(p, blockSize) {
		if err := b.pack(part); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (b *blockWriter) flush() error {
	if len(b.raw) == 0 {
		return nil
	}
	err := b.pack(b.raw)
	b.raw = b.raw[:0]
	return err
}

// pack writes a block, compressed where that pays.
func (b *blockWriter) pack(raw []byte) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	stored := raw
	if b.promising(raw) {
		if b.out = s2.Encode(b.out[:cap(b.out)], raw); len(b.out) <= len(raw)/3 {
			stored = b.out
		}
	}
	b.blocks++
	return b.block(stored, uint32(len(raw)))
}

// probe is how much of a block is compressed to see whether all of it might pay: most blocks are packets, which do not.
const probe = 32 << 10

// promising says whether the middle of a block compresses to half, which is less than what pays.
func (b *blockWriter) promising(raw []byte) bool {
	if len(raw) <= 2*probe {
		return true
	}
	from := (len(raw) - probe) / 2
	b.out = s2.Encode(b.out[:cap(b.out)], raw[from:from+probe])
	return len(b.out) <= probe/2
}

func (b *blockWriter) block(stored []byte, length uint32) error {
	if b.room -= int64(len(stored)) + headSize; b.room < 0 {
		return errTooLarge
	}
	var head [headSize]byte
	binary.LittleEndian.PutUint32(head[0:], uint32(len(stored)))
	binary.LittleEndian.PutUint32(head[4:], length)
	binary.LittleEndian.PutUint32(head[8:], crc32.Update(crc32.Checksum(head[:8], b.table), b.table, stored))
	if _, err := b.f.Write(head[:]); err != nil {
		return err
	}
	_, err := b.f.Write(stored)
	return err
}

// read reads a file. It has an end, so that nothing is read that was changed after its checksum was made.
func read(ctx context.Context, name string) (*trace.Trace, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := readHead(f); err != nil {
		return nil, err
	}
	b := &blockReader{ctx: ctx, f: f, table: castagnoli()}
	t, err := trace.Restore(b, mostRaw*info.Size())
	if err == nil {
		// The trace is only good when all blocks are, the last of them too.
		_, err = io.Copy(io.Discard, b)
	}
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w (%v)", errDamaged, err)
	}
	return t, err
}

// mostRaw is how much longer the bytes of a file are decompressed, at most as far as memory is concerned.
const mostRaw = 64

func readHead(f io.Reader) error {
	head := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, []byte(magic)) {
		return errForeign
	}
	n := binary.LittleEndian.Uint32(head[len(magic):])
	if n > 1<<10 {
		return errForeign
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(f, name); err != nil {
		return errForeign
	}
	if string(name) != maker() {
		return errOther
	}
	return nil
}

// blockReader gives the bytes of the blocks. A block that fits what a Read asks for is read, or decompressed, into its very
// place.
type blockReader struct {
	ctx    context.Context
	f      io.Reader
	table  *crc32.Table
	stored []byte // a compressed block
	raw    []byte // a block that no Read had room for
	rest   []byte // what of raw was not given yet
	blocks uint32
	err    error
}

func (b *blockReader) Read(p []byte) (int, error) {
	n := 0
	if len(b.rest) == 0 && b.err == nil {
		n, b.err = b.next(p)
	}
	if len(b.rest) > 0 {
		n = copy(p, b.rest)
		b.rest = b.rest[n:]
	}
	if n > 0 {
		return n, nil
	}
	return 0, b.err
}

// next reads a block, into p or into rest; io.EOF after the last.
func (b *blockReader) next(p []byte) (int, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(b.f, head[:]); err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	size, length := binary.LittleEndian.Uint32(head[0:]), binary.LittleEndian.Uint32(head[4:])
	switch {
	case b.ctx.Err() != nil:
		return 0, b.ctx.Err()
	case size > uint32(s2.MaxEncodedLen(blockSize)) || (size > 0 && (length > blockSize || length == 0)):
		return 0, errors.New("a block has no possible length")
	case size == 0:
		return 0, b.last(head[:], length)
	}
	direct := int(length) <= len(p)
	if !direct {
		b.raw = slices.Grow(b.raw[:0], int(length))
		p = b.raw
	}
	made := p[:length]
	if err := b.fill(made, int(size), head[:]); err != nil {
		return 0, err
	}
	b.blocks++
	if direct {
		return len(made), nil
	}
	b.rest = made
	return 0, nil
}

// last checks the empty block.
func (b *blockReader) last(head []byte, length uint32) error {
	switch {
	case crc32.Checksum(head[:8], b.table) != binary.LittleEndian.Uint32(head[8:]):
		return errChecksum
	case length != b.blocks:
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}

// fill reads the bytes of a block, size of them, and makes those of it.
func (b *blockReader) fill(made []byte, size int, head []byte) error {
	stored := made // as it is
	if size != len(made) {
		b.stored = slices.Grow(b.stored[:0], size)
		stored = b.stored[:size]
	}
	if _, err := io.ReadFull(b.f, stored); err != nil {
		return io.ErrUnexpectedEOF
	}
	if crc32.Update(crc32.Checksum(head[:8], b.table), b.table, stored) != binary.LittleEndian.Uint32(head[8:]) {
		return errChecksum
	}
	if size == len(made) {
		return nil
	}
	if n, err := s2.DecodedLen(stored); err != nil || n != len(made) {
		return errors.New("a block has another length")
	}
	_, err := s2.Decode(made, stored)
	return err
}
