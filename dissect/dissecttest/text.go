package dissecttest

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	packets "github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Text writes the TCP segments of a capture as a packet script that gives the same segments again: the exact twin, with
// every number, option and byte written out. Link layer, IP options, checksums and the date are not kept, and of a TCP
// header that the capture cut only what is there.
func Text(file []byte) (string, error) {
	var out strings.Builder
	first := int64(-1)
	r := capture.NewReader(func(f *capture.Frame) error {
		var p packets.Packet
		p.Number, p.Time = f.Number, f.Time
		packets.Decode(&p, f.Link, f.Data, f.Length)
		if p.Kind != packets.TCP {
			return nil
		}
		if first < 0 {
			first = p.Time
		}
		writeLine(&out, &p, p.Time-first)
		return nil
	})
	if err := r.Feed(file); err != nil {
		return "", err
	}
	err := r.Finish()
	return out.String(), err
}

func writeLine(out *strings.Builder, p *packets.Packet, at int64) {
	src, dst := netip.AddrPortFrom(p.Src.Netip(p.V6), p.SrcPort), netip.AddrPortFrom(p.Dst.Netip(p.V6), p.DstPort)
	fmt.Fprintf(out, "%d.%09d %v>%v %s", at/1e9, at%1e9, src, dst, flagText(p.Flags))
	if p.Flags&flagSYN != 0 {
		fmt.Fprintf(out, " isn=%#x", p.Seq)
	}
	fmt.Fprintf(out, " seq=%#x ack=%#x win=%d", p.Seq, p.Ack, p.Window)
	if p.PayloadLen > 0 {
		fmt.Fprintf(out, " data=%s", hex.EncodeToString(p.Payload()))
	}
	if len(p.Payload()) < int(p.PayloadLen) {
		fmt.Fprintf(out, " len=%d cut=%d", p.PayloadLen, headers(p)+len(p.Payload()))
	}
	if len(p.Options()) > 0 {
		fmt.Fprintf(out, " opt %s", hex.EncodeToString(p.Options()))
	}
	out.WriteByte('\n')
}

// headers is how many bytes a script's frame has before the payload.
func headers(p *packets.Packet) int {
	if p.V6 {
		return 14 + 40 + 20 + len(p.Options())
	}
	return 14 + 20 + 20 + len(p.Options())
}

func flagText(flags uint16) string {
	var b []byte
	for i := range flagLetters {
		if flags&(1<<i) != 0 {
			b = append(b, flagLetters[i])
		}
	}
	if len(b) == 0 {
		return "-"
	}
	return string(b)
}
