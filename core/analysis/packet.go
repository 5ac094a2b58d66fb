package analysis

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// fact is one thing that a packet says, as a row: where, what, its value, the bytes that say so, and whether it holds.
type fact struct{ layer, field, value, raw, check string }

// decoding collects the facts of one packet.
type decoding struct {
	trace *trace.Trace
	frame *trace.Frame // nil where the bytes are not at hand
	row   trace.Row
	conn  *conn.Conn
	ip    int // offset of the innermost IP header in the frame, -1 unknown
	facts []fact
}

// Packet decodes one packet whole: its layers, every option with its bytes, what its numbers mean in the connection, and
// what of it can be verified. f is the frame of the row, nil where only the trace is at hand.
func Packet(t *trace.Trace, row uint32, f *trace.Frame) *display.Table {
	d := &decoding{trace: t, frame: f, ip: -1}
	t.Row(int(row), &d.row)
	if d.row.InConn {
		d.conn = t.ConnByID(d.row.ConnID)
	}
	if f != nil {
		d.ip = ipOffset(f)
	}
	d.frameFacts()
	d.ipFacts()
	d.tcpFacts()
	if f != nil {
		d.optionFacts()
	} else {
		for _, o := range d.row.Options {
			d.mptcpOption(o)
		}
	}
	d.connFacts()
	facts := d.facts
	list := table(t, factFields, len(facts), func(row int) fact { return facts[row] })
	list.Name, list.Title = "packet", fmt.Sprintf("Packet %d", d.row.ID)
	if d.row.Frame != d.row.ID {
		list.Title += fmt.Sprintf(" (frame %d in Wireshark)", d.row.Frame)
	}
	return list
}

var factFields = []field[fact]{
	{display.Column{Key: "layer", Head: "Layer", Doc: "protocol"}, func(_ *trace.Trace, f fact) display.Value { return display.Str(f.layer) }},
	{display.Column{Key: "field", Head: "Field", Doc: "what it is"}, func(_ *trace.Trace, f fact) display.Value { return display.Str(f.field) }},
	{display.Column{Key: "value", Head: "Value", Wide: true, Doc: "what it says"}, func(_ *trace.Trace, f fact) display.Value {
		return display.Str(f.value)
	}},
	{display.Column{Key: "check", Head: "Check", Doc: "whether it could be verified"}, func(_ *trace.Trace, f fact) display.Value {
		return textValue(f.check)
	}},
	{display.Column{Key: "bytes", Head: "Bytes", Wide: true, Doc: "as they stand in the packet, hexadecimal"}, func(_ *trace.Trace, f fact) display.Value {
		return textValue(f.raw)
	}},
}

func (d *decoding) add(layer, field, format string, a ...any) *fact {
	d.facts = append(d.facts, fact{layer: layer, field: field, value: fmt.Sprintf(format, a...)})
	return &d.facts[len(d.facts)-1]
}

// ipOffset finds the innermost IP header: its length is known, and what must follow it. -1 where the frame does not hold
// it whole.
func ipOffset(f *trace.Frame) int {
	p := f.Packet
	var tcp [12]byte
	binary.BigEndian.PutUint16(tcp[:], p.SrcPort)
	binary.BigEndian.PutUint16(tcp[2:], p.DstPort)
	binary.BigEndian.PutUint32(tcp[4:], p.Seq)
	binary.BigEndian.PutUint32(tcp[8:], p.Ack)
	addresses := append(append([]byte{}, p.Src[:]...), p.Dst[:]...)
	first, version := 8, byte(6)
	if !p.V6 {
		addresses = append(append([]byte{}, p.Src[12:]...), p.Dst[12:]...)
		first, version = 12, 4
	}
	for at := 0; ; at++ {
		i := bytes.Index(f.Data[min(at, len(f.Data)):], tcp[:])
		if i < 0 {
			return -1
		}
		at += i
		if ip := at - int(p.IPHeader); ip >= 0 && f.Data[ip]>>4 == version && bytes.HasPrefix(f.Data[ip+first:], addresses) {
			return ip
		}
	}
}

func (d *decoding) frameFacts() {
	r := &d.row
	if r.NoTime {
		d.add("frame", "time", "none of its own")
	} else {
		d.add("frame", "time", "%s UTC", time.Unix(r.Time/1e9, r.Time%1e9).UTC().Format("2006-01-02 15:04:05.000000000"))
		d.add("frame", "since the start", "%s", exactSeconds(r.RelTime))
	}
	if rows := d.trace.StreamRows(r.Stream); len(rows) > 0 && rows[0] != r.ID-1 {
		for i := 1; i < len(rows); i++ {
			if rows[i] == r.ID-1 {
				d.add("frame", "since the last one of the stream", "%s", exactSeconds(r.Time-d.trace.Time(rows[i-1])))
			}
		}
	}
	if int(r.Interface) < len(d.trace.Interfaces) && d.trace.Interfaces[r.Interface].Name != "" {
		d.add("frame", "interface", "%s", d.trace.Interfaces[r.Interface].Name)
	}
	f := d.frame
	if f == nil {
		return
	}
	d.add("frame", "length", "%d bytes, %d captured", f.Length, len(f.Data))
	if f.Comment != "" {
		d.add("frame", "comment", "%s", strings.ReplaceAll(f.Comment, "\n", " / "))
	}
	f.Packet.Faults.Split(func(layer, what string) { d.add(layer, "fault", "%s", what).check = "odd" })
	link := d.add("link", "layer", "%s", packet.LinkName(f.Link))
	if d.ip > 0 {
		link.raw = hex.EncodeToString(f.Data[:d.ip])
	}
	if name := f.Packet.Tunnel.String(); name != "" {
		d.add("link", "tunnel", "%s", name)
	}
}

// exactSeconds writes ns as seconds, all digits.
func exactSeconds(ns int64) string {
	return display.Format(display.Duration(ns), &display.Column{}, display.Exact)
}

func (d *decoding) ipFacts() {
	r := &d.row
	addresses := fmt.Sprintf("%s → %s", r.Src.Addr(), r.Dst.Addr())
	if d.ip < 0 {
		d.add("ip", "addresses", "%s", addresses)
		return
	}
	f := d.frame
	h := f.Data[d.ip:][:f.Packet.IPHeader]
	a := d.add("ip", "addresses", "%s", addresses)
	a.raw = hex.EncodeToString(h)
	if f.Packet.V6 {
		d.add("ip", "hop limit", "%d", h[7])
		d.add("ip", "traffic class", "DSCP %d, ECN %d, flow label 0x%05x", (h[0]&15)<<2|h[1]>>6, h[1]>>4&3, uint32(h[1]&15)<<16|uint32(h[2])<<8|uint32(h[3]))
		d.add("ip", "payload length", "%d bytes", binary.BigEndian.Uint16(h[4:]))
		return
	}
	d.add("ip", "time to live", "%d", h[8])
	d.add("ip", "type of service", "DSCP %d, ECN %d", h[1]>>2, h[1]&3)
	d.add("ip", "identification", "0x%04x%s", f.Packet.IPID, map[bool]string{true: ", don't fragment"}[h[6]&0x40 != 0])
	d.add("ip", "total length", "%d bytes", binary.BigEndian.Uint16(h[2:]))
	sum := d.add("ip", "checksum", "0x%04x", binary.BigEndian.Uint16(h[10:]))
	sum.check = map[bool]string{true: "verified", false: "wrong, or left to the network card"}[ones(0, h) == 0xffff]
}

// ones adds 16-bit words in one's complement (RFC 1071).
func ones(sum uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum
}

// flagNames are the TCP flags from the lowest bit on (RFC 9293 section 3.1, RFC 3168, RFC 9768).
var flagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"}

func flagWords(flags uint16) string {
	var set []string
	for i, name := range flagNames {
		if flags&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return "none"
	}
	return strings.Join(set, ", ")
}

func (d *decoding) tcpFacts() {
	r := &d.row
	ports := ""
	if d.ip >= 0 {
		tcp := d.frame.Data[d.ip+int(d.frame.Packet.IPHeader):]
		ports = hex.EncodeToString(tcp[:min(20, len(tcp))])
	}
	d.add("tcp", "ports", "%d → %d, TCP stream %d, towards its %s", r.Src.Port(), r.Dst.Port(), r.Stream, r.Dest.End()).raw = ports
	d.add("tcp", "sequence number", "%d (raw %d)", r.Seq, r.RawSeq)
	if r.Flags&stream.ACK != 0 {
		d.add("tcp", "acknowledgement", "%d (raw %d)", r.Ack, r.RawAck)
	}
	d.add("tcp", "flags", "%s (0x%03x)", flagWords(r.Flags), r.Flags)
	if names := r.Analysis.Names(); len(names) > 0 {
		d.add("tcp", "analysis", "%s", strings.ReplaceAll(strings.Join(names, ", "), "_", " "))
	}
	if d.frame == nil {
		d.add("tcp", "window", "%d bytes", r.Window)
		d.add("tcp", "payload", "%s", exactBytes(uint64(r.Len)))
		return
	}
	p := d.frame.Packet
	d.add("tcp", "window", "%d bytes (raw %d)", r.Window, p.Window)
	payload := d.add("tcp", "payload", "%s", exactBytes(uint64(p.PayloadLen)))
	if len(p.Payload()) < int(p.PayloadLen) {
		payload.value += fmt.Sprintf(", %d captured", len(p.Payload()))
	}
	payload.raw = clip(p.Payload())
	if d.ip < 0 {
		return
	}
	tcp := d.frame.Data[d.ip+int(p.IPHeader):]
	if len(tcp) >= 20 {
		sum := d.add("tcp", "checksum", "0x%04x", binary.BigEndian.Uint16(tcp[16:]))
		sum.check = d.tcpChecksum(tcp)
	}
}

// maxShown is how many payload bytes are shown.
const maxShown = 32

func clip(b []byte) string {
	if len(b) > maxShown {
		return hex.EncodeToString(b[:maxShown]) + "…"
	}
	return hex.EncodeToString(b)
}

// tcpChecksum verifies the checksum of RFC 9293 section 3.1. A sender whose network card computes it is captured with a
// wrong one.
func (d *decoding) tcpChecksum(tcp []byte) string {
	p := d.frame.Packet
	n := int(p.HeaderLen) + int(p.PayloadLen)
	if len(tcp) < n || p.Faults&packet.FirstFragment != 0 {
		return "not verifiable: not captured whole"
	}
	src, dst := p.Src[:], p.Dst[:]
	if !p.V6 {
		src, dst = src[12:], dst[12:]
	}
	sum := ones(ones(6+uint32(n), src), dst)
	if ones(sum, tcp[:n]) == 0xffff {
		return "verified"
	}
	return "wrong, or left to the network card"
}
