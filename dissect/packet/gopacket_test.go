package packet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// oracle decodes a frame by gopacket and gives its innermost TCP layer and the IP layer before it. It is not ok where
// gopacket refuses the frame, finds it truncated, or does not know the link type.
func oracle(link uint32, frame []byte) (ip gopacket.Layer, tcp *layers.TCP, ok bool) {
	var first gopacket.Decoder
	switch link {
	case linkEthernet:
		first = layers.LayerTypeEthernet
	case linkSLL:
		first = layers.LayerTypeLinuxSLL
	case linkPPP:
		first = layers.LayerTypePPP
	case linkNull:
		first = layers.LayerTypeLoopback
	case linkRaw, linkIPv4:
		first = layers.LayerTypeIPv4
	case linkIPv6:
		first = layers.LayerTypeIPv6
	default:
		return nil, nil, false
	}
	// Without room behind it: by a PPPoE length that lies gopacket reads what is not of the frame.
	p := gopacket.NewPacket(frame[:len(frame):len(frame)], first, gopacket.NoCopy)
	if p.ErrorLayer() != nil || p.Metadata().Truncated {
		return nil, nil, false
	}
	for _, l := range p.Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			ip = l
		case *layers.IPv6:
			if l.HopByHop != nil { // gopacket then ends the payload with the frame and not with the packet
				return nil, nil, false
			}
			ip = l
		case *layers.IPv6Routing: // gopacket does not look where it leads to
			return nil, nil, false
		case *layers.TCP:
			tcp = l
		}
	}
	return ip, tcp, ip != nil && tcp != nil
}

// differs compares a decoded packet with gopacket's layers.
func differs(p *Packet, ip gopacket.Layer, tcp *layers.TCP) error {
	var src, dst net.IP
	id, v6 := uint16(0), false
	switch ip := ip.(type) {
	case *layers.IPv4:
		src, dst, id = ip.SrcIP, ip.DstIP, ip.Id
	case *layers.IPv6:
		src, dst, v6 = ip.SrcIP, ip.DstIP, true
	}
	if p.V6 != v6 || p.IPID != id || !net.IP(p.Src[:]).Equal(src) || !net.IP(p.Dst[:]).Equal(dst) {
		return fmt.Errorf("IP: %x to %x, id %d; gopacket %v to %v, id %d", p.Src, p.Dst, p.IPID, src, dst, id)
	}
	if p.SrcPort != uint16(tcp.SrcPort) || p.DstPort != uint16(tcp.DstPort) || p.Seq != tcp.Seq || p.Ack != tcp.Ack ||
		p.Window != tcp.Window || p.HeaderLen != tcp.DataOffset*4 || p.Flags&0x1ff != flags(tcp) {
		return fmt.Errorf("TCP: gopacket %+v", tcp)
	}
	if !bytes.Equal(p.Payload(), tcp.Payload) || int(p.PayloadLen) != len(tcp.Payload) {
		return fmt.Errorf("payload of %d, captured %d; gopacket %d", p.PayloadLen, len(p.Payload()), len(tcp.Payload))
	}
	return differentOptions(p, tcp)
}

func flags(tcp *layers.TCP) (f uint16) {
	for i, set := range []bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR, tcp.NS} {
		if set {
			f |= 1 << i
		}
	}
	return f
}

// differentOptions compares kinds up to the first end mark, which is where gopacket ends.
func differentOptions(p *Packet, tcp *layers.TCP) error {
	mptcpOptions := 0
	for i, o := range tcp.Options {
		if i >= len(p.Kinds()) || p.Kinds()[i] != uint8(o.OptionType) {
			return fmt.Errorf("option kinds %v, gopacket %v", p.Kinds(), tcp.Options)
		}
		if o.OptionType == 30 && len(o.OptionData) > 0 {
			if mptcpOptions >= p.NumMPTCP || !bytes.Equal(p.MPTCP[mptcpOptions][2:], o.OptionData) {
				return fmt.Errorf("MPTCP option %d, gopacket %v", mptcpOptions, o)
			}
			mptcpOptions++
		}
	}
	for _, k := range p.Kinds()[len(tcp.Options):len(p.Kinds())] {
		if k != optionEnd {
			return fmt.Errorf("option kinds %v, gopacket %v", p.Kinds(), tcp.Options)
		}
	}
	if mptcpOptions != p.NumMPTCP {
		return fmt.Errorf("%d MPTCP options, gopacket %d", p.NumMPTCP, mptcpOptions)
	}
	return nil
}

// Frames that gopacket writes at random, read by both.
func TestGeneratedLikeGopacket(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		link, frame := generate(t, r)
		var p Packet
		Decode(&p, link, frame, uint32(len(frame)))
		check(t, &p, frame, uint32(len(frame)))
		ip, tcp, ok := oracle(link, frame)
		if !ok {
			t.Fatalf("gopacket cannot read what it wrote: %x", frame)
		}
		if p.Kind != TCP || p.Faults != 0 {
			t.Fatalf("%v, faults %b: %x", p.Kind, p.Faults, frame)
		}
		if err := differs(&p, ip, tcp); err != nil {
			t.Fatalf("%v\nframe %x\n%+v", err, frame, p)
		}
	}
}

// generate is a random frame around a TCP segment, serialized by gopacket.
func generate(t *testing.T, r *rand.Rand) (uint32, []byte) {
	t.Helper()
	var stack []gopacket.SerializableLayer
	link := []uint32{linkEthernet, linkEthernet, linkEthernet, linkIPv4, linkIPv6}[r.IntN(5)]
	v6 := link == linkIPv6 || link == linkEthernet && r.IntN(2) == 0
	if link == linkEthernet {
		stack = append(stack, etherLayers(r, v6)...)
	}
	inside := r.IntN(2) == 0
	switch tunnel := r.IntN(6); tunnel {
	case 0: // GRE
		stack = append(stack, ipLayer(r, v6, layers.IPProtocolGRE), &layers.GRE{
			Protocol: etherType(inside), KeyPresent: r.IntN(2) == 0, SeqPresent: r.IntN(2) == 0, ChecksumPresent: r.IntN(2) == 0})
		v6 = inside
	case 1: // VXLAN
		ip := ipLayer(r, v6, layers.IPProtocolUDP)
		udp := &layers.UDP{SrcPort: layers.UDPPort(r.IntN(1<<16)) | 0x8000, DstPort: portVXLAN}
		stack = append(stack, ip, udp, &layers.VXLAN{ValidIDFlag: true, VNI: r.Uint32() >> 8})
		stack = append(stack, etherLayers(r, inside)...)
		v6 = inside
	case 2: // IP in IP
		stack = append(stack, ipLayer(r, v6, map[bool]layers.IPProtocol{false: layers.IPProtocolIPv4, true: layers.IPProtocolIPv6}[inside]))
		v6 = inside
	}
	stack = append(stack, ipLayer(r, v6, layers.IPProtocolTCP), segmentLayer(r))
	payload := make(gopacket.Payload, r.IntN(100))
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, append(stack, payload)...); err != nil {
		t.Fatal(err)
	}
	return link, bytes.Clone(buf.Bytes())
}

func etherType(v6 bool) layers.EthernetType {
	if v6 {
		return layers.EthernetTypeIPv6
	}
	return layers.EthernetTypeIPv4
}

// etherLayers is Ethernet with up to two VLAN tags.
func etherLayers(r *rand.Rand, v6 bool) []gopacket.SerializableLayer {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	eth := &layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: etherType(v6)}
	stack := []gopacket.SerializableLayer{eth}
	kind := &eth.EthernetType
	for range r.IntN(3) {
		tag := &layers.Dot1Q{VLANIdentifier: 5, Type: *kind}
		*kind = layers.EthernetTypeDot1Q
		kind = &tag.Type
		stack = append(stack, tag)
	}
	return stack
}

func ipLayer(r *rand.Rand, v6 bool, proto layers.IPProtocol) gopacket.SerializableLayer {
	address := make(net.IP, 16)
	for i := range address {
		address[i] = byte(r.IntN(256))
	}
	if v6 {
		return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: address, DstIP: address}
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Id: uint16(r.Uint32()), Protocol: proto, SrcIP: address[:4], DstIP: address[4:8]}
	if r.IntN(4) == 0 {
		ip.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}} // router alert
	}
	return ip
}

func segmentLayer(r *rand.Rand) *layers.TCP {
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(r.Uint32()), DstPort: layers.TCPPort(r.Uint32()), Seq: r.Uint32(), Ack: r.Uint32(),
		Window: uint16(r.Uint32()), SYN: r.IntN(2) == 0, ACK: r.IntN(2) == 0, FIN: r.IntN(2) == 0, RST: r.IntN(2) == 0,
		PSH: r.IntN(2) == 0, URG: r.IntN(2) == 0, ECE: r.IntN(2) == 0, CWR: r.IntN(2) == 0, NS: r.IntN(2) == 0,
	}
	for room := 40; room > 0; {
		kind := []layers.TCPOptionKind{1, 1, 2, 3, 4, 5, 8, 30, 30, 77}[r.IntN(10)]
		size := r.IntN(26)
		switch kind {
		case 1:
			size = -1
		case 2:
			size = 2
		case 3:
			size = 1
		case 4:
			size = 0
		case 8:
			size = 8
		}
		if room -= size + 2; room < 0 {
			break
		}
		data := make([]byte, max(size, 0))
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		tcp.Options = append(tcp.Options, layers.TCPOption{OptionType: kind, OptionData: data})
	}
	return tcp
}

// Every frame of the corpus that gopacket reads. It knows no SLL2, no GTP-U extension and no raw link with a choice.
func TestCorpusLikeGopacket(t *testing.T) {
	compared, skipped := 0, 0
	for _, path := range corpusCaptures(t) {
		read(t, path, func(f *capture.Frame, p *Packet) {
			check(t, p, f.Data, f.Length)
			ip, tcp, ok := oracle(f.Link, f.Data)
			if !ok || int(f.Length) != len(f.Data) || p.Kind != TCP {
				skipped++
				return
			}
			compared++
			if err := differs(p, ip, tcp); err != nil {
				t.Errorf("%s frame %d: %v", filepath.Base(path), f.Number, err)
			}
		})
	}
	if compared == 0 {
		t.Error("no frame could be compared")
	}
	t.Logf("%d frames compared, %d that gopacket does not read, that are cut or no TCP", compared, skipped)
}
