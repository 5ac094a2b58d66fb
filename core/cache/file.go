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

	"github.com/klauspost/compress/s2"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// A file is magic, the maker's name after its length, blocks, and an empty block. A block is its length, its length
// decompressed, the CRC-32C of both and of its bytes, and its bytes: as they are where both lengths are the same, else
// compressed with S2, which is done where it makes a third of them or less, as decompressing costs more than reading does.
// Numbers are little endian, of 32 bits. The empty block's decompressed length is the number of blocks before it: a file that was cut is no whole one.
const magic = "mptcptrace1\n"

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

func (b *blockWriter) Write(p []byte) (int, error) {
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

func (b *blockWriter) flush() error {
	if len(b.raw) == 0 {
		return nil
	}
	if err := b.ctx.Err(); err != nil {
		return err
	}
	b.out = s2.Encode(b.out[:cap(b.out)], b.raw)
	stored := b.out
	if len(stored) > len(b.raw)/3 {
		stored = b.raw
	}
	err := b.block(stored, uint32(len(b.raw)))
	b.raw = b.raw[:0]
	b.blocks++
	return err
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
	b := newBlockReader(ctx, f)
	defer b.stop()
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

// blockReader gives the bytes of the blocks. They are read, checked and decompressed ahead, on another processor.
type blockReader struct {
	ready  chan chunk
	free   chan []byte
	cancel context.CancelFunc
	now    chunk
	rest   []byte
}

type chunk struct {
	raw []byte
	err error
}

// ahead is how many blocks are ready at most.
const ahead = 4

func newBlockReader(ctx context.Context, f io.Reader) *blockReader {
	ctx, cancel := context.WithCancel(ctx)
	b := &blockReader{ready: make(chan chunk, ahead), free: make(chan []byte, ahead+2), cancel: cancel}
	go b.fetch(ctx, f)
	return b
}

// stop ends the reading ahead, and waits for it: its file is about to be closed.
func (b *blockReader) stop() {
	b.cancel()
	for range b.ready {
	}
}

func (b *blockReader) fetch(ctx context.Context, f io.Reader) {
	defer close(b.ready)
	table, stored := castagnoli(), []byte(nil)
	for n := uint32(0); ; n++ {
		var raw []byte
		select {
		case raw = <-b.free:
		default:
		}
		c := chunk{}
		c.raw, c.err = next(f, table, &stored, raw, n)
		select {
		case b.ready <- c:
		case <-ctx.Done():
			return
		}
		if c.err != nil {
			return
		}
	}
}

// next reads a block, the n-th; io.EOF after the last.
func next(f io.Reader, table *crc32.Table, stored *[]byte, raw []byte, n uint32) ([]byte, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	size, length := binary.LittleEndian.Uint32(head[0:]), binary.LittleEndian.Uint32(head[4:])
	if size > uint32(s2.MaxEncodedLen(blockSize)) || (size > 0 && length > blockSize) {
		return nil, errors.New("a block has no possible length")
	}
	place := stored
	if size == length {
		place = &raw // as it is
	}
	if cap(*place) < int(size) {
		*place = make([]byte, size)
	}
	bytes := (*place)[:size]
	if _, err := io.ReadFull(f, bytes); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	if crc32.Update(crc32.Checksum(head[:8], table), table, bytes) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, errors.New("a checksum is wrong")
	}
	if size == 0 {
		if length != n {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, io.EOF
	}
	if size == length {
		return bytes, nil
	}
	made, err := s2.Decode(raw[:cap(raw)], bytes)
	if err == nil && len(made) != int(length) {
		err = errors.New("a block has another length")
	}
	return made, err
}

func (b *blockReader) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.now.err != nil {
			return 0, b.now.err
		}
		if cap(b.now.raw) > 0 {
			select {
			case b.free <- b.now.raw:
			default:
			}
		}
		c, open := <-b.ready
		if !open {
			c.err = context.Canceled
		}
		b.now, b.rest = c, c.raw
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
