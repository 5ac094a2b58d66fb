package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// builder takes decoded packets and fills a store.
type builder struct {
	store
	issues issues
	// Numbers of the forms of headers and of the sets of flags.
	kindOf  map[string]uint8
	usual   [packet.Forms]uint8 // of the usual forms, plus 1; 0 where it is not known
	recent  [64]kindSlot
	flagsOf [1 << 15]uint8
}

// kindSlot remembers the number of a form of headers with up to 8 option kinds.
type kindSlot struct {
	key    uint64 // the kinds
	rest   uint32 // how many they are, and the lengths of the headers; 0 in an empty slot
	number uint8
}

func newBuilder(limit int) *builder {
	b := &builder{kindOf: map[string]uint8{}}
	b.slab.large = limit == 0
	b.analysis = make([]stream.Analysis, 1, 32)
	b.streams = stream.NewTable()
	b.conns = conn.NewTable(b, b.streams, limit)
	return b
}

// add takes the next TCP packet. With a profile the compiler puts into it what it calls; were it put into its caller itself, that
// would not be done again there.
//
//go:noinline
func (b *builder) add(p *packet.Packet) {
	row := b.n
	at, analysis := b.streams.Take(p, row)
	core := at.Core()
	l := b.append(p, at, core)
	l.kinds = b.kindNumber(p, row)
	if analysis != 0 {
		l.marks = b.flagNumber(analysis, row)
	}
	if core.Part != 0 || p.NumMPTCP > 0 {
		r := b.conns.Add(p, at, core, row)
		b.setMPTCP(l, p, r)
	} else if p.HeaderCut {
		b.cut(p, at, row)
	}
	if p.Faults != 0 {
		b.fault(p, at.ID, row)
	}
}

// OptionsCut is what is told of TCP options that the capture cut before any of MPTCP.
const OptionsCut = "TCP options cut by the capture: whether one of MPTCP was among them is unknown"

// cut takes a packet whose TCP header the capture cut, so that no option of MPTCP is left of it.
func (b *builder) cut(p *packet.Packet, at *stream.Position, row uint32) {
	b.conns.AddCut(p, at, row)
	b.issues.add(Issue{Packet: row + 1, Frame: uint64(p.Number), Layer: "tcp", Severity: Chat, What: OptionsCut, Section: "RFC 9293 3.1", Stream: int64(at.ID)})
}

// fault reports what is odd about a frame.
func (b *builder) fault(p *packet.Packet, id, row uint32) {
	p.Faults.Split(func(layer, what string) {
		b.issues.add(Issue{Packet: row + 1, Frame: uint64(p.Number), Layer: layer, Severity: Warning, What: what, Stream: int64(id)})
	})
}

// kindNumber is the number of the form of the packet's headers.
func (b *builder) kindNumber(p *packet.Packet, row uint32) uint8 {
	if number := b.usual[p.Usual]; number > 0 {
		return number - 1
	}
	number := b.newKind(p, row)
	if p.Usual != packet.NotUsual && number != overflow {
		b.usual[p.Usual] = number + 1
	}
	return number
}

// newKind does so for a form that is not usual, or that is new.
func (b *builder) newKind(p *packet.Packet, row uint32) uint8 {
	kinds, head := p.Kinds(), b.head(p, row)
	if len(kinds) > 8 {
		return b.rareKinds(head, kinds, row)
	}
	var key uint64
	for i, kind := range kinds {
		key |= uint64(kind) << (8 * i)
	}
	rest := 1<<16 | uint32(head)<<8 | uint32(len(kinds))
	slot := &b.recent[(key^uint64(rest)<<40)*0x9e3779b97f4a7c15>>58]
	if slot.key == key && slot.rest == rest {
		return slot.number
	}
	number := b.rareKinds(head, kinds, row)
	if number != overflow {
		*slot = kindSlot{key: key, rest: rest, number: number}
	}
	return number
}

func (b *builder) rareKinds(head uint8, kinds []uint8, row uint32) uint8 {
	var room [1 + packet.MaxOptionArea]byte
	form := append(append(room[:0], head), kinds...)
	if number, ok := b.kindOf[string(form)]; ok {
		return number
	}
	set := string(form)
	if len(b.kinds) >= overflow {
		setRare(&b.moreKinds, row, set)
		return overflow
	}
	number := uint8(len(b.kinds))
	b.kinds = append(b.kinds, set)
	b.kindOf[set] = number
	return number
}

// flagNumber is the number of a set of analysis flags that is not empty.
func (b *builder) flagNumber(a stream.Analysis, row uint32) uint8 {
	at := &b.flagsOf[a&(1<<15-1)]
	if *at != 0 {
		return *at
	}
	if len(b.analysis) >= overflow {
		setRare(&b.moreFlags, row, a)
		return overflow
	}
	*at = uint8(len(b.analysis))
	b.analysis = append(b.analysis, a)
	return *at
}

// Cover is part of conn.Host.
func (b *builder) Cover(row, mapping uint32) {
	if block, i := b.at(row); block != nil {
		b.cover(&block.lines[i], row, mapping)
	}
}

// AlsoCovered is part of conn.Host.
func (b *builder) AlsoCovered(row, mapping uint32) { b.also.add(row, mapping) }

// Reinjected is part of conn.Host.
func (b *builder) Reinjected(later, earlier uint32) {
	b.reinjections.add(later, earlier)
	b.reinjectedIn.add(earlier, later)
}

// Issue is part of conn.Host.
func (b *builder) Issue(kind conn.Issue, row uint32) {
	i := Issue{Packet: row + 1, Layer: "mptcp", Severity: Severity(kind.Severity()), What: kind.What(),
		Section: kind.Section(), Stream: NoStream}
	if block, k := b.at(row); block != nil {
		i.Frame, i.Stream = uint64(block.number(k)), int64(block.id(k))
	}
	b.issues.add(i)
}
