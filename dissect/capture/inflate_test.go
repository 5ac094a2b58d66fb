package capture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// bulk is a pcap file of n frames of random length and bytes.
func bulk(n int) []byte {
	rng := rand.New(rand.NewPCG(9, uint64(n)))
	w := littleEndian().pcapHeader(magicMicro, 1)
	for i := range n {
		data := make([]byte, rng.IntN(1500))
		for j := range data {
			data[j] = byte(rng.Uint32() >> 28)
		}
		w.record(uint32(i), 0, data)
	}
	return w.Bytes()
}

func TestCompressed(t *testing.T) {
	plain := bulk(700)
	want := readWhole(plain)
	members := slices.Concat(gzipped(plain[:1000]), gzipped(nil), gzipped(plain[1000:]))
	frames := slices.Concat([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00skip"), zstandardised(plain[:5]), zstandardised(plain[5:]))
	for name, file := range map[string][]byte{
		"gzip":                       gzipped(plain),
		"gzip of several members":    members,
		"gzip padded with zeros":     append(gzipped(plain), make([]byte, 1000)...),
		"gzip followed by something": append(gzipped(plain), "something"...),
		"zstd":                       zstandardised(plain),
		"zstd of several frames":     frames,
		"zstd followed by something": append(zstandardised(plain), "something"...),
	} {
		t.Run(name, func(t *testing.T) {
			o := readSplit(t, file)
			format, _, _ := strings.Cut(name, " ")
			if o.Format != format+" pcap" {
				t.Error(o.Format)
			}
			o.Format = want.Format
			if !same(o, want) {
				t.Errorf("%v\nwant %v", o, want)
			}
		})
	}
}

// A compressed file that ends anywhere gives what was read, all of it, and says that it is cut.
func TestCompressedCutAnywhere(t *testing.T) {
	plain := bulk(50)
	whole := readWhole(plain)
	for name, file := range map[string][]byte{"gzip": gzipped(plain), "zstd": zstandardised(plain)} {
		last := 0
		for n := 20; n < len(file); n += 97 {
			o := readWhole(file[:n])
			if o.Err != nil {
				if len(o.Frames) > 0 || !strings.Contains(o.Err.Error(), "cut within its header") && !strings.Contains(o.Err.Error(), name+" data ends before anything") {
					t.Fatalf("%s, %d bytes: %v", name, n, o)
				}
				continue
			}
			if o.Cut == nil || !o.Cut.Short || !strings.Contains(o.Cut.Reason, name+" data ends early") {
				t.Fatalf("%s, %d bytes: cut %v", name, n, o.Cut)
			}
			if len(o.Frames) < last || !slices.EqualFunc(o.Frames, whole.Frames[:len(o.Frames)], func(a, b Frame) bool {
				return a.Number == b.Number && bytes.Equal(a.Data, b.Data)
			}) {
				t.Fatalf("%s, %d bytes: %d frames", name, n, len(o.Frames))
			}
			last = len(o.Frames)
		}
		if name == "gzip" && last < 45 {
			t.Errorf("only %d frames of a gzip file that lacks some bytes", last)
		}
	}
}

func TestCompressedDamage(t *testing.T) {
	plain := bulk(700)
	for name, file := range map[string][]byte{"gzip": gzipped(plain), "zstd": zstandardised(plain)} {
		damaged := bytes.Clone(file)
		for i := len(damaged) - 100; i < len(damaged)-50; i++ {
			damaged[i] ^= 0x5a
		}
		o := readSplit(t, damaged)
		if o.Err != nil || o.Cut == nil || o.Cut.Short || !strings.Contains(o.Cut.Reason, name+" data is damaged") || len(o.Frames) < 100 {
			t.Errorf("%s: %v", name, o)
		}
	}
}

// A few bytes may demand a window of gigabytes.
func TestZstdWindow(t *testing.T) {
	huge := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0, 0} // 2^30 bytes
	o := readWhole(huge)
	if o.Err == nil || !strings.Contains(o.Err.Error(), "cannot read zstd data: window size exceeded") {
		t.Error(o)
	}
	var long bytes.Buffer
	w, err := zstd.NewWriter(&long, zstd.WithWindowSize(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(oddFiles()[0].file)
	w.Close()
	if o := readWhole(long.Bytes()); len(o.Frames) != 2 {
		t.Error(o)
	}
}

// Nothing is left running, however reading ends.
func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	file := gzipped(bulk(500))
	for _, end := range []string{"finish early", "error", "cut", "whole"} {
		for range 20 {
			r := NewReader(func(f *Frame) error {
				if end == "error" && f.Number == 3 {
					return fmt.Errorf("stop")
				}
				return nil
			})
			input := file
			switch end {
			case "finish early":
				input = file[:5000]
			case "cut":
				input = gzipped(append(bulk(3), "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"...))
			}
			for chunk := range slices.Chunk(input, 1000) {
				if r.Feed(chunk) != nil {
					break
				}
			}
			r.Finish()
		}
	}
	for range 20_000 { // the last ones may be on their way out
		time.Sleep(5 * time.Millisecond)
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
