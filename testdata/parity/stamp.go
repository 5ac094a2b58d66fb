package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Time stamps of pcapng files whose clocks are finer than nanoseconds: of these Wireshark computes another fraction of the second.

// stamps are the times of the frames of a pcapng file, ns since the epoch: as they are, and as Wireshark has them.
type stamps struct {
	right, wireshark []int64
	without          []bool // a time of their own: Wireshark has 0, rightly it is the latest before, or the first
}

// Block types and option codes of pcapng.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockObsolete  = 2
	blockSimple    = 3
	blockEnhanced  = 6
	blockCustom    = 0xbad
	blockCustomOne = 0x40000bad // not to be copied

	optionResolution = 9
	optionOffset     = 14
)

// ticks is the clock of an interface.
type ticks struct {
	resolution byte
	offset     int64
}

// plain is a file without its compression.
func plain(file []byte) []byte {
	var out []byte
	if z, err := gzip.NewReader(bytes.NewReader(file)); err == nil {
		out, _ = io.ReadAll(z) // what follows the last member is an error
	} else if z, err := zstd.NewReader(bytes.NewReader(file)); err == nil {
		defer z.Close()
		out, _ = io.ReadAll(z)
	}
	if len(out) == 0 {
		return file
	}
	return out
}

// readStamps reads them, nil if none differs or the file is no pcapng file.
func readStamps(file []byte) *stamps {
	file = plain(file)
	if len(file) < 12 || binary.BigEndian.Uint32(file) != blockSection {
		return nil
	}
	var order binary.ByteOrder
	var clocks []ticks
	s := &stamps{}
	for b := file; len(b) >= 12; {
		if binary.BigEndian.Uint32(b) == blockSection {
			order, clocks = binary.LittleEndian, nil
			if b[8] == 0x1a {
				order = binary.BigEndian
			}
		}
		kind, size := order.Uint32(b), int(order.Uint32(b[4:]))
		if size < 12 || size > len(b) {
			break
		}
		body := b[8 : size-4]
		b = b[size:]
		switch kind {
		case blockInterface:
			clocks = append(clocks, readTicks(order, body))
		case blockEnhanced, blockObsolete:
			s.packet(order, kind, body, clocks)
		case blockSimple, blockCustom, blockCustomOne: // Wireshark counts custom blocks as frames
			s.add(0, 0, true)
		}
	}
	s.fill()
	if slices.Equal(s.right, s.wireshark) {
		return nil
	}
	return s
}

// readTicks reads the clock of an Interface Description Block.
func readTicks(order binary.ByteOrder, body []byte) ticks {
	c := ticks{resolution: 6}
	for b := body[min(8, len(body)):]; len(b) >= 4; {
		code, n := order.Uint16(b), int(order.Uint16(b[2:]))
		if code == 0 || n > len(b)-4 {
			break
		}
		switch value := b[4 : 4+n]; {
		case code == optionResolution && n == 1:
			c.resolution = value[0]
		case code == optionOffset && n == 8:
			c.offset = int64(order.Uint64(value))
		}
		b = b[min(len(b), 4+(n+3)&^3):]
	}
	return c
}

// packet notes the time of a packet.
func (s *stamps) packet(order binary.ByteOrder, kind uint32, body []byte, clocks []ticks) {
	if len(body) < 12 {
		return
	}
	number := int(order.Uint32(body))
	if kind == blockObsolete {
		number = int(order.Uint16(body))
	}
	if number >= len(clocks) {
		return
	}
	c, stamp := clocks[number], uint64(order.Uint32(body[4:]))<<32|uint64(order.Uint32(body[8:]))
	perSecond := uint64(math.MaxUint64)
	if n := c.perSecond(); n.IsUint64() {
		perSecond = n.Uint64()
	}
	fraction := stamp % perSecond * 1e9 / perSecond // the product does not fit into 64 bits
	s.add(c.offset*1e9+c.ns(stamp), (c.offset+int64(stamp/perSecond))*1e9+int64(fraction), false)
}

func (s *stamps) add(right, wireshark int64, without bool) {
	s.right, s.wireshark, s.without = append(s.right, right), append(s.wireshark, wireshark), append(s.without, without)
}

// fill gives the frames without a time the right one.
func (s *stamps) fill() {
	first := slices.Index(s.without, false)
	if first < 0 {
		return
	}
	latest := s.right[first]
	for i := range s.right {
		if s.without[i] {
			s.right[i] = latest
		}
		latest = max(latest, s.right[i])
	}
}

// perSecond is the number of ticks in a second.
func (c ticks) perSecond() *big.Int {
	base := int64(10)
	if c.resolution&0x80 != 0 {
		base = 2
	}
	return new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(c.resolution&0x7f)), nil)
}

// ns is a number of ticks in nanoseconds, rounded down.
func (c ticks) ns(stamp uint64) int64 {
	n := new(big.Int).SetUint64(stamp)
	n.Mul(n, big.NewInt(1e9))
	return n.Div(n, c.perSecond()).Int64()
}

// note gives the segments of a capture the times of their frames, where they differ, and what the analysis finds by those. number is that
// of a frame in the file that the stamps are of.
func (s *stamps) note(segments []segment, file []byte, number func(frame uint32) uint32) error {
	if s == nil {
		return nil
	}
	other, err := s.analyse(file, number)
	if err != nil {
		return err
	}
	for i := range segments {
		t := &segments[i]
		frame := number(t.frame)
		for k, list := range [...][]int64{s.right, s.wireshark} {
			if int(frame) <= len(list) && !s.without[frame-1] {
				t.times[k] = times{absolute: seconds(list[frame-1]), relative: seconds(list[frame-1] - list[0])}
			}
		}
		if i < len(other) {
			t.other = &other[i]
		}
	}
	return nil
}

// otherTime is the time of a segment as Wireshark has it, and what the analysis finds by it.
type otherTime struct {
	time     int64
	analysis stream.Analysis
}

// analyse takes a capture apart by the times that Wireshark has.
func (s *stamps) analyse(file []byte, number func(frame uint32) uint32) ([]otherTime, error) {
	copied, _, err := rewrite(file, func(f *capture.Frame) {
		if n := number(f.Number); int(n) <= len(s.wireshark) {
			f.Time = s.wireshark[n-1]
		}
	})
	if err != nil {
		return nil, err
	}
	t, err := trace.Load(context.Background(), bytes.NewReader(copied), trace.Options{})
	if err != nil {
		return nil, err
	}
	list := make([]otherTime, t.Len())
	var r trace.Row
	for i := range list {
		t.Row(i, &r)
		list[i] = otherTime{time: r.Time, analysis: r.Analysis}
	}
	return list, nil
}

// times are those of a frame as text, empty where Wireshark has no other ones.
type times struct{ absolute, relative string }

// seconds is a time as tshark prints it.
func seconds(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "-", -ns
	}
	return fmt.Sprintf("%s%d.%09d", sign, ns/1e9, ns%1e9)
}
