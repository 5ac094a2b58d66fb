package dissecttest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// packet is one line of a script on its way to a frame.
type packet struct {
	time     int64
	flow     *flow
	from     int // index of the sender's end
	flags    uint16
	window   uint16
	seq, ack uint32
	hasSeq   bool
	hasAck   bool
	payload  []byte
	length   int // of the payload, before it is filled in
	options  []byte
	cut      int // bytes kept of the frame, 0 for all
	isnSet   bool
	fragment [2]int // bytes in each IP fragment, 0 for no fragments, and which one it is, from 1
}

const (
	flagFIN = 0x01
	flagSYN = 0x02
	flagACK = 0x10
)

// parameters reads the TCP parameters and returns the words from the first option on.
func (p *packet) parameters(words []string) ([]string, error) {
	for len(words) > 0 {
		name, value, ok := strings.Cut(words[0], "=")
		if !ok {
			return words, nil
		}
		if err := p.parameter(name, value); err != nil {
			return nil, fmt.Errorf("%s: %w", words[0], err)
		}
		words = words[1:]
	}
	return nil, nil
}

func (p *packet) parameter(name, value string) error {
	if name == "data" {
		b, err := hex.DecodeString(value)
		p.payload, p.length = b, len(b)
		if p.payload == nil {
			p.payload = []byte{}
		}
		return err
	}
	switch name {
	case "ts":
		return p.timestamps(value)
	case "frag":
		_, err := fmt.Sscanf(value, "%d/%d", &p.fragment[0], &p.fragment[1])
		if n := p.fragment[0]; err != nil || n < 8 || n%8 != 0 || p.fragment[1] < 1 {
			return fmt.Errorf("N/K expected, N a multiple of 8")
		}
		return nil
	}
	v, err := strconv.ParseUint(value, 0, 32)
	if err != nil {
		return err
	}
	raw := strings.HasPrefix(value, "0x")
	n := uint32(v)
	f, to := p.flow, 1-p.from
	switch name {
	case "len":
		p.length = int(n)
	case "win":
		p.window = uint16(n)
	case "cut":
		p.cut = int(n)
	case "isn":
		f.isn[p.from], f.known[p.from], p.isnSet = n, false, true
	case "seq":
		p.seq, p.hasSeq = n, true
		if !raw {
			p.seq += f.isn[p.from]
		}
	case "ack":
		p.ack, p.hasAck = n, true
		if !raw {
			p.ack += f.isn[to]
		}
	case "mss":
		p.options = append(p.options, 2, 4, byte(n>>8), byte(n))
	case "wscale":
		p.options = append(p.options, 1, 3, 3, byte(n))
	default:
		return fmt.Errorf("no such parameter")
	}
	return nil
}

func (p *packet) timestamps(value string) error {
	val, ecr, ok := strings.Cut(value, "/")
	a, err := strconv.ParseUint(val, 0, 32)
	b, err2 := strconv.ParseUint(ecr, 0, 32)
	if !ok || err != nil || err2 != nil {
		return fmt.Errorf("VAL/ECR expected")
	}
	p.options = append(p.options, 1, 1, 8, 10)
	p.options = append(p.options, be32(uint32(a))...)
	p.options = append(p.options, be32(uint32(b))...)
	return nil
}

// settle fills in the numbers that follow from the packets before, and the payload.
func (p *packet) settle() {
	f, to := p.flow, 1-p.from
	if p.flags&(flagSYN|flagACK) == flagSYN {
		f.opener = p.from
	}
	if !f.known[p.from] {
		f.next[p.from] = f.isn[p.from]
		if p.flags&flagSYN == 0 {
			f.next[p.from]++
		}
		f.known[p.from] = true
	}
	if p.flags&flagSYN != 0 && !p.hasSeq {
		p.seq, p.hasSeq = f.isn[p.from], true
	}
	if !p.hasSeq {
		p.seq = f.next[p.from]
	}
	if p.flags&flagACK != 0 && !p.hasAck {
		if !f.known[to] {
			f.next[to], f.known[to] = f.isn[to]+1, true
		}
		p.ack = f.next[to]
	}
	if p.payload == nil {
		p.payload = pattern(p.seq-f.isn[p.from], p.length)
	}
	if n := p.length - len(p.payload); n > 0 {
		p.payload = append(p.payload, make([]byte, n)...) // data shorter than len: what the capture cut
	}
	end := p.seq + uint32(p.length)
	if p.flags&(flagSYN|flagFIN) != 0 {
		end++
	}
	if int32(end-f.next[p.from]) > 0 {
		f.next[p.from] = end
	}
}

// pattern is the payload of a script's packets: a byte follows from its place in the stream.
func pattern(offset uint32, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte((offset + uint32(i)) * 31)
	}
	return b
}
