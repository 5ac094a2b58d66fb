package capture

// Four old programs wrote longer record headers under a magic number that others had taken: nothing but the records tells so. A file
// is theirs only if its second record, or the third, makes no sense where the magic number puts it, and both do where the program
// did. What is damaged rarely looks like that; what is whole never. As in Wireshark, a pipe is what its magic number says: a
// live one must not wait for its second packet to show the first.

// variant is such a program's format.
type variant struct {
	name   string
	record int // length of a record's header
}

// variants are those that share a kind's magic number.
func (k pcapKind) variants() []variant {
	switch {
	case k.record == kuznetsovRecordLen:
		return []variant{{name: "pcap (SuSE 6.3)", record: kuznetsovRecordLen + 4}} // ss990915 patch: + a processor
	case k.header == pcapHeaderLen && k.unit == 1000:
		return []variant{{name: "pcap (Red Hat 6.1)", record: kuznetsovRecordLen}, {name: "pcap (Nokia)", record: pcapRecordLen + 4}}
	}
	return nil
}

// The link types that AIX writes, with version 2.2, are numbers of RFC 1573; of those it has, others than these two are not decoded.
const (
	aixEthernet = 6
	aixLoopback = 24
)

// ofAIX is what the kind and the link type become of a file that AIX wrote. Its times are in nanoseconds.
func (k pcapKind) ofAIX(major, minor uint16, link uint32) (pcapKind, uint32) {
	if major != 2 || minor != 2 || k.unit != 1000 || k.header != pcapHeaderLen || k.record != pcapRecordLen {
		return k, link
	}
	switch link {
	case aixEthernet:
		link = 1
	case aixLoopback:
		link = 0
	default:
		return k, link
	}
	k.name, k.unit = "pcap (AIX)", 1
	return k, link
}

// mostInterface is the highest index of an interface, which stands behind what all headers begin with. In its place usual files have
// the first bytes of a frame, of a higher number but for few networks: so the first packet of a file that grows is not held back.
// Nokia's has something else there, not known; editcap writes 0.
const mostInterface = 1<<16 - 1

// guess is the decoder until the first records have shown which variant it is. It holds back no more than the first of them where the
// magic number is right.
type guess struct {
	pcap
	own    variant // what the magic number tells
	others []variant
}

func (g *guess) decode(p *parser, b []byte) (n, want int, err error) {
	v, want := g.choose(b, false)
	if want > 0 {
		return 0, want, nil
	}
	g.use(p, v)
	return p.dec.decode(p, b)
}

// use puts the variant's decoder in the place of g.
func (g *guess) use(p *parser, v variant) {
	right := g.pcap
	right.header, p.format, p.dec = v.record, v.name, &right
}

// choose tells which variant the records from b on are of, or how many bytes that takes. whole says that there are no more.
func (g *guess) choose(b []byte, whole bool) (v variant, want int) {
	if len(b) < pcapRecordLen+4 {
		return g.own, pcapRecordLen + 4
	}
	first, _ := g.recordAt(b, 0)
	if first.captured < 4 || first.captured > g.max || g.order.u32(b[pcapRecordLen:]) > mostInterface {
		return g.own, 0
	}
	if stays, want := g.stays(b, first); stays || want > 0 {
		return g.own, want
	}
	for _, v := range g.others {
		if fits, want := g.fits(b, v, first, whole); fits || want > 0 {
			return v, want
		}
	}
	return g.own, 0
}

// stays tells whether the second record makes sense where the magic number puts it: beyond doubt, or the third does, too.
func (g *guess) stays(b []byte, first recordHead) (stays bool, want int) {
	at := g.header + int(first.captured)
	second, want := g.recordAt(b, at)
	if want > 0 || second.likely(first, g.max) || !second.possible(g.max) {
		return want == 0 && second.likely(first, g.max), want
	}
	third, want := g.recordAt(b, at+g.header+int(second.captured))
	return want == 0 && third.possible(g.max), want
}

// fits tells whether the second and the third record, if there is one, make sense as a variant's.
func (g *guess) fits(b []byte, v variant, before recordHead, whole bool) (fits bool, want int) {
	at := v.record + int(before.captured)
	for i := range 2 {
		next, want := g.recordAt(b, at)
		if want > 0 && whole {
			return i > 0 && at == len(b), 0
		}
		if want > 0 || !next.likely(before, g.max) {
			return false, want
		}
		at, before = at+v.record+int(next.captured), next
	}
	return true, 0
}

// recordHead is what the headers of all variants begin with.
type recordHead struct{ seconds, fraction, captured, length uint32 }

// recordAt reads a header, or tells how many bytes it takes to do so.
func (g *guess) recordAt(b []byte, at int) (h recordHead, want int) {
	if len(b) < at+pcapRecordLen {
		return h, at + pcapRecordLen
	}
	h.seconds, h.fraction, h.captured, h.length = g.order.four(b[at : at+pcapRecordLen])
	return h, 0
}

// mostLength is the most bytes of a frame on the wire; Wireshark takes what claims more for damaged when it guesses.
const mostLength = 128 << 20

// possible reports whether a record may begin like this.
func (h recordHead) possible(most uint32) bool {
	return h.fraction < 1e6 && h.captured <= most && h.length <= mostLength
}

// likely asks more: at least an IP header was captured, no more than there was, and within a year of the record before.
func (h recordHead) likely(before recordHead, most uint32) bool {
	const year = 365 * 24 * 3600
	return h.possible(most) && h.captured >= 20 && h.captured <= h.length && h.seconds-before.seconds+year <= 2*year
}

// settle ends the guessing where nothing more comes, and gives what was held back.
func (p *parser) settle() error {
	g, ok := p.dec.(*guess)
	if !ok {
		return nil
	}
	v, want := g.choose(p.carry, true)
	if want > 0 {
		v = g.own
	}
	g.use(p, v)
	n, err := p.run(p.carry)
	p.carry = p.carry[:copy(p.carry, p.carry[n:])]
	return err
}
