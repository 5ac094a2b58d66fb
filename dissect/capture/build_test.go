package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// writer builds files by hand, byte for byte, in either byte order.
type writer struct {
	bytes.Buffer
	order binary.ByteOrder
}

func littleEndian() *writer { return &writer{order: binary.LittleEndian} }
func bigEndian() *writer    { return &writer{order: binary.BigEndian} }

// put appends numbers of their own width, and byte slices.
func (w *writer) put(values ...any) *writer {
	for _, v := range values {
		if b, ok := v.([]byte); ok {
			w.Write(b)
		} else if err := binary.Write(w, w.order, v); err != nil {
			panic(err)
		}
	}
	return w
}

// pcapHeader is a file header of version 2.4 with no snaplen limit.
func (w *writer) pcapHeader(magic, network uint32) *writer {
	return w.put(magic, uint16(2), uint16(4), uint32(0), uint32(0), uint32(0), network)
}

func (w *writer) record(sec, frac uint32, data []byte) *writer {
	return w.put(sec, frac, uint32(len(data)), uint32(len(data)), data)
}

// block writes a block with its padding and both lengths.
func (w *writer) block(kind uint32, body ...any) *writer {
	b := (&writer{order: w.order}).put(body...)
	b.Write(make([]byte, -b.Len()&3))
	total := uint32(b.Len() + 12)
	return w.put(kind, total, b.Bytes(), total)
}

func (w *writer) section() *writer {
	return w.block(blockSection, uint32(byteOrder), uint16(1), uint16(0), int64(-1))
}

// opt is an option, padded.
func (w *writer) opt(code uint16, value ...any) []byte {
	v := (&writer{order: w.order}).put(value...).Bytes()
	o := (&writer{order: w.order}).put(code, uint16(len(v)), v)
	o.Write(make([]byte, -o.Len()&3))
	return o.Bytes()
}

func (w *writer) iface(link uint16, snaplen uint32, opts ...[]byte) *writer {
	all := bytes.Join(opts, nil)
	if len(opts) > 0 {
		all = append(all, 0, 0, 0, 0)
	}
	return w.block(blockInterface, link, uint16(0), snaplen, all)
}

func (w *writer) enhanced(iface uint32, stamp uint64, data []byte, opts ...[]byte) *writer {
	n := uint32(len(data))
	pad := make([]byte, -len(data)&3)
	return w.block(blockEnhanced, iface, uint32(stamp>>32), uint32(stamp), n, n, data, pad, bytes.Join(opts, nil))
}

// outcome is all that reading a source shows.
type outcome struct {
	Frames     []Frame
	Interfaces []Interface
	Format     string
	Cut        *Cut
	Err        error
}

// read feeds file in the chunks that next sizes.
func read(file []byte, next func(left int) int) outcome {
	var o outcome
	var r *Reader
	r = NewReader(func(f *Frame) error {
		if f.Link != NoLink && int(f.Interface) >= len(r.Interfaces()) {
			return fmt.Errorf("frame %d of interface %d", f.Number, f.Interface)
		}
		o.Frames = append(o.Frames, *f.Clone())
		return nil
	})
	for len(file) > 0 && o.Err == nil {
		n := next(len(file))
		chunk := bytes.Clone(file[:n])
		o.Err = r.Feed(chunk)
		clear(chunk) // what the Reader keeps must be its own
		file = file[n:]
	}
	if err := r.Finish(); o.Err == nil {
		o.Err = err
	}
	o.Interfaces, o.Format, o.Cut = r.Interfaces(), r.Format(), r.Cut()
	return o
}

func readWhole(file []byte) outcome { return read(file, func(left int) int { return left }) }

// readSplit reads the file whole and in many other chunks, which must show the same, and returns it.
func readSplit(t *testing.T, file []byte) outcome {
	t.Helper()
	want := readWhole(file)
	rng := rand.New(rand.NewPCG(1, uint64(len(file))))
	splits := map[string]func(int) int{
		"random": func(left int) int { return 1 + rng.IntN(min(left, 100)) },
		"by 7":   func(left int) int { return min(left, 7) },
	}
	if len(file) < 4096 {
		splits["by 1"] = func(int) int { return 1 }
		for at := 1; at < min(len(file), 600); at++ {
			splits[fmt.Sprint("in two at ", at)] = func(left int) int {
				if left == len(file) {
					return at
				}
				return left
			}
		}
	}
	for name, next := range splits {
		if got := read(file, next); !same(got, want) {
			t.Errorf("fed %s:\n got %v\nwant %v", name, got, want)
		}
	}
	return want
}

// same compares outcomes, errors by type and text.
func same(a, b outcome) bool {
	ea, eb := a.Err, b.Err
	a.Err, b.Err = nil, nil
	return fmt.Sprintf("%T %v", ea, ea) == fmt.Sprintf("%T %v", eb, eb) && reflect.DeepEqual(a, b)
}

func (o outcome) String() string {
	s := fmt.Sprintf("%s, %d frames, %+v, cut %v, err %v", o.Format, len(o.Frames), o.Interfaces, o.Cut, o.Err)
	for _, f := range o.Frames[:min(len(o.Frames), 5)] {
		s += "\n  " + f.line() + " " + f.Comment
	}
	return s
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func zstandardised(b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll(b, nil)
}

// packet is a TCP SYN over IPv4 over Ethernet, 54 bytes.
func packet() []byte {
	return []byte{
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		3, 232, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 3, 232, 0, 0, 0, 0,
	}
}
