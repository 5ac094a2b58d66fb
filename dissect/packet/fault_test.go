package packet

import (
	"strings"
	"testing"
)

func allFrames() []frame {
	var all []frame
	for _, set := range [][]frame{everyLayer(), oddFrames(), optionFrames()} {
		all = append(all, set...)
	}
	return all
}

// Every byte of every frame with every value: lengths, offsets and types that lie one at a time.
func TestEveryByteLies(t *testing.T) {
	var p Packet
	for _, f := range allFrames() {
		b := join(f.bytes)
		for at := range b {
			for v := range 256 {
				b[at] = byte(v)
				Decode(&p, f.link, b, uint32(len(b)))
				if err := inconsistent(&p, b, uint32(len(b))); err != nil {
					t.Fatalf("%s, byte %d is %#x: %v", f.name, at, v, err)
				}
			}
			b[at] = f.bytes[at]
		}
	}
}

// overUDP are the tunnels that cannot be told from other UDP where their header is cut.
var overUDP = map[Tunnel]bool{VXLAN: true, GTPU: true, Geneve: true, L2TP: true, Teredo: true, MPLSinUDP: true, LISP: true,
	TZSP: true}

// Every frame cut at every offset: what is decoded of a part is what is decoded of the whole.
func TestEveryCut(t *testing.T) {
	var whole, part Packet
	for _, f := range allFrames() {
		wire := uint32(len(f.bytes))
		Decode(&whole, f.link, f.bytes, wire)
		for n := range f.bytes {
			b := f.bytes[:n:n]
			Decode(&part, f.link, b, wire)
			check(t, &part, b, wire)
			switch {
			case part.Kind == TCP:
				comparePart(t, f.name, n, &part, &whole)
			case whole.Kind == TCP && part.Kind != Truncated && part.Kind != OtherProtocol:
				t.Errorf("%s cut at %d: %v", f.name, n, part.Kind)
			case part.Kind == OtherProtocol && !overUDP[whole.Tunnel] && part.Kind != whole.Kind &&
				whole.Kind != ICMPQuote:
				t.Errorf("%s cut at %d: %v", f.name, n, part.Kind)
			}
		}
	}
}

func comparePart(t *testing.T, name string, n int, part, whole *Packet) {
	t.Helper()
	if part.Src != whole.Src || part.Dst != whole.Dst || part.SrcPort != whole.SrcPort || part.DstPort != whole.DstPort ||
		part.Seq != whole.Seq || part.Ack != whole.Ack || part.Flags != whole.Flags || part.Window != whole.Window ||
		part.PayloadLen != whole.PayloadLen || part.Tunnel != whole.Tunnel {
		t.Errorf("%s cut at %d:\n%+v, whole\n%+v", name, n, part, whole)
	}
	if !strings.HasPrefix(kinds(whole), kinds(part)) || part.NumMPTCP > whole.NumMPTCP {
		t.Errorf("%s cut at %d: kinds %s of %s", name, n, kinds(part), kinds(whole))
	}
	if strings.Count(kinds(whole), "8") > 1 { // the last one counts
		return
	}
	if part.HasTS && part.TSVal != whole.TSVal || part.HasTSEcr && part.TSEcr != whole.TSEcr {
		t.Errorf("%s cut at %d: timestamps %d, %d of %d, %d", name, n, part.TSVal, part.TSEcr, whole.TSVal, whole.TSEcr)
	}
}

func TestFaultSplit(t *testing.T) {
	seen := map[string]bool{}
	all := Fault(0xff)
	all.Split(func(layer, what string) {
		if layer != "frame" && layer != "ip" && layer != "tcp" {
			t.Errorf("layer %q", layer)
		}
		seen[what] = true
	})
	n := 0
	for f := Fault(1); f != 0; f <<= 1 {
		f.Split(func(string, string) { n++ })
	}
	if n != len(seen) || n != len(faultTexts) {
		t.Errorf("%d faults have a text, %d different ones", n, len(seen))
	}
	OptionLength.Split(func(layer, what string) {
		if layer != "tcp" || what != "TCP option length lies" {
			t.Errorf("%s: %s", layer, what)
		}
	})
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for k := Undecodable; k <= UnknownLink+1; k++ {
		if seen[k.String()] {
			t.Errorf("kind %d has the name of another: %s", k, k)
		}
		seen[k.String()] = true
	}
	for tunnel := NoTunnel; tunnel <= TZSP; tunnel++ {
		if (tunnel.String() == "") != (tunnel == NoTunnel) || seen[tunnel.String()] {
			t.Errorf("tunnel %d: %q", tunnel, tunnel)
		}
		seen[tunnel.String()] = true
	}
}

// Nothing is allocated, whatever the frame.
func TestNoAllocation(t *testing.T) {
	frames := append(allFrames(), cutFrames()...)
	var p Packet
	n := testing.AllocsPerRun(20, func() {
		for _, f := range frames {
			Decode(&p, f.link, f.bytes, uint32(max(f.wire, len(f.bytes))))
			p.Faults.Split(func(string, string) {})
		}
	})
	if n != 0 {
		t.Errorf("%v allocations for %d frames", n, len(frames))
	}
}
