package analysis

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// optionFacts walks the TCP options, each with its bytes.
func (d *decoding) optionFacts() {
	p, used := d.frame.Packet, 0
	for o := p.Options(); len(o) > 0; {
		n := 1
		if o[0] > 1 {
			if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
				n = len(o) // cut, or a length that lies
			} else {
				n = int(o[1])
			}
		}
		if o[0] != mptcp.Kind || used >= p.NumMPTCP {
			d.tcpOption(o[:n])
		} else {
			d.mptcpOption(p.MPTCP[used])
			used++
		}
		if o[0] == 0 {
			return // end of options
		}
		o = o[n:]
	}
}

// tcpOption tells an option that is not MPTCP's (RFC 9293 section 3.2, RFC 7323, RFC 2018).
func (d *decoding) tcpOption(o []byte) {
	name, value := "option", fmt.Sprintf("kind %d, %s", o[0], exactBytes(uint64(len(o))))
	stated := len(o) == 1 || len(o) == int(o[1])
	switch {
	case o[0] == 0:
		name, value = "end of options", ""
	case o[0] == 1:
		name, value = "no operation", ""
	case !stated:
		value = fmt.Sprintf("kind %d, cut or with a length that lies", o[0])
	case o[0] == 2 && len(o) == 4:
		name, value = "maximum segment size", fmt.Sprintf("%d bytes", binary.BigEndian.Uint16(o[2:]))
	case o[0] == 3 && len(o) == 3:
		name, value = "window scale", fmt.Sprintf("shift by %d", o[2])
	case o[0] == 4 && len(o) == 2:
		name, value = "SACK permitted", ""
	case o[0] == 5 && len(o) > 2 && len(o)%8 == 2:
		name, value = "SACK", sackWords(o[2:])
	case o[0] == 8 && len(o) == 10:
		name, value = "timestamps", fmt.Sprintf("%d, echo %d", binary.BigEndian.Uint32(o[2:]), binary.BigEndian.Uint32(o[6:]))
	}
	d.add("tcp option", name, "%s", value).raw = hex.EncodeToString(o)
}

func sackWords(blocks []byte) string {
	var all []string
	for ; len(blocks) >= 8; blocks = blocks[8:] {
		all = append(all, fmt.Sprintf("raw %d to %d", binary.BigEndian.Uint32(blocks), binary.BigEndian.Uint32(blocks[4:])))
	}
	return strings.Join(all, ", ")
}

// mptcpOption tells an MPTCP option, and what verifies.
func (d *decoding) mptcpOption(o mptcp.Option) {
	version := mptcp.VersionUnknown
	if d.conn != nil {
		version = d.conn.Version
	}
	f := d.add("mptcp option", o.Subtype().String(), "%s", strings.TrimLeft(strings.TrimPrefix(mptcp.Describe(o, version), o.Subtype().String()), ":, "))
	f.raw = hex.EncodeToString(o)
	f.value = strings.TrimSpace(f.value)
	if d.conn == nil {
		return
	}
	switch o.Subtype() {
	case mptcp.SubCapable:
		f.check = d.keys(o)
	case mptcp.SubJoin:
		f.check = d.join(o)
	case mptcp.SubAddAddr:
		f.check = d.announced(o)
	case mptcp.SubFastclose:
		f.check = d.fastclose(o)
	case mptcp.SubDSS:
		f.check = d.checksum(o)
	}
}

// sender and receiver are the ends of the connection that sent and get the packet.
func (d *decoding) sender() *conn.Endpoint   { return d.conn.End(d.row.ConnDest.Other()) }
func (d *decoding) receiver() *conn.Endpoint { return d.conn.End(d.row.ConnDest) }

// keys compares the keys that MP_CAPABLE carries with the connection's (RFC 8684 section 3.1).
func (d *decoding) keys(o mptcp.Option) string {
	m, _ := mptcp.ParseCapable(o)
	var said []string
	if m.HasSender {
		said = append(said, fmt.Sprintf("sender's token 0x%08x, first DSN %d", m.Sender.Token(m.Version), m.Sender.IDSN(m.Version)))
	}
	for _, k := range []struct {
		has  bool
		key  mptcp.Key
		end  *conn.Endpoint
		name string
	}{{m.HasSender, m.Sender, d.sender(), "sender"}, {m.HasReceiver, m.Receiver, d.receiver(), "receiver"}} {
		if k.has && k.end.HasKey && k.end.Key != k.key {
			said = append(said, fmt.Sprintf("failed: the %s's key is %s elsewhere", k.name, k.end.Key))
		}
	}
	return strings.Join(said, "; ")
}

// part is the subflow that the packet belongs to.
func (d *decoding) part() *conn.Subflow {
	for i := range d.conn.Subflows {
		if d.conn.Subflows[i].Stream == d.row.Stream {
			return &d.conn.Subflows[i]
		}
	}
	return nil
}

// join tells whether the token and the HMAC of MP_JOIN are right (RFC 8684 section 3.2).
func (d *decoding) join(o mptcp.Option) string {
	j, _ := mptcp.ParseJoin(o)
	part := d.part()
	switch {
	case j.Form == mptcp.JoinSYN && j.HasToken:
		end := d.receiver()
		if !end.HasKey {
			return "not verifiable: a key is unknown"
		}
		return verdictIs("token", end.Token == j.Token)
	case part == nil:
		return ""
	case j.Form == mptcp.JoinSYNACK:
		return "HMAC " + verdictWords(part.SYNACKHMAC, part.SYNACKWhy)
	case j.Form == mptcp.JoinACK:
		return "HMAC " + verdictWords(part.ACKHMAC, part.ACKWhy)
	}
	return ""
}

func verdictIs(what string, right bool) string {
	if right {
		return what + " verified"
	}
	return what + " failed"
}

// verdictWords are a verdict on an HMAC, and why there is none.
func verdictWords(v conn.Verdict, why conn.Reason) string {
	if reason := why.String(); v == conn.NotVerifiable && reason != "" {
		return v.String() + ": " + reason
	}
	return v.String()
}

// announced tells whether the HMAC of ADD_ADDR is right (RFC 8684 section 3.4.1).
func (d *decoding) announced(o mptcp.Option) string {
	a, _ := mptcp.ParseAddAddr(o, d.conn.Version)
	for i := range d.conn.Addresses {
		n := &d.conn.Addresses[i]
		if n.Packet != d.row.ID || n.Removed || n.AddrID != a.ID || n.HMAC == conn.NotSeen {
			continue
		}
		words := "HMAC " + verdictWords(n.HMAC, n.Why)
		if n.Early {
			words += ", cut as the first kernels with version 1 did"
		}
		return words
	}
	return ""
}

func (d *decoding) fastclose(o mptcp.Option) string {
	m, _ := mptcp.ParseFastclose(o)
	end := d.receiver()
	switch {
	case !m.HasKey:
		return ""
	case !end.HasKey || end.Source == conn.FromFastclose:
		return "not verifiable: a key is unknown"
	}
	return verdictIs("key", m.Key == end.Key)
}

// checksum tells whether a DSS checksum is right: what failed when the capture was dissected, with all packets that it covers, and else
// what the payload says that this packet has.
func (d *decoding) checksum(o mptcp.Option) string {
	s, _ := mptcp.ParseDSS(o)
	if !s.HasChecksum || !s.HasMapping {
		return ""
	}
	dsn, known := d.trace.MappingDSN(d.row.ID-1, &s)
	switch b := d.failed(&s, dsn); {
	case !known:
		return "not verifiable: " + conn.MissingDSN.String()
	case b != nil:
		return fmt.Sprintf("checksum failed: expected %04x, found %04x", b.Expected, b.Found)
	case d.frame == nil:
		return "not verifiable: payload is not at hand"
	}
	p := d.frame.Packet
	n := int(s.Length)
	if s.DataFIN && n > 0 {
		n--
	}
	of := d.trace.SubflowStream(d.conn, d.row.Ordinal)
	isn := of.ClientISN
	if d.row.Dest == stream.Client {
		isn = of.ServerISN
	}
	if p.Seq-isn != s.SSN && n > 0 || n > int(p.PayloadLen) {
		return "covers other packets too (verify checks it)"
	}
	if n > len(p.Payload()) {
		return "not verifiable: payload was cut by the capture"
	}
	c := mptcp.NewChecksum(dsn, s.SSN, s.Length)
	c.AddAt(0, p.Payload()[:n])
	return verdictIs("checksum", c.Matches(s.Checksum))
}

// failed is what the dissection keeps of the checksum of a DSS of the packet that failed, nil if it did not.
func (d *decoding) failed(s *mptcp.DSS, dsn uint64) *conn.BadChecksum {
	for i := range d.conn.BadChecksums {
		b := &d.conn.BadChecksums[i]
		if b.Stream == d.row.Stream && b.To == d.row.ConnDest && b.SSN == s.SSN && b.DSN == dsn && b.Length == s.Length && b.Found == s.Checksum {
			return b
		}
	}
	return nil
}

// connFacts tell what the packet is in its connection.
func (d *decoding) connFacts() {
	r := &d.row
	if d.conn == nil {
		return
	}
	d.add("mptcp", "connection", "%d, subflow %d, towards the %s", r.ConnID, r.Stream, r.ConnDest.End())
	if r.HasDSN {
		f := d.add("mptcp", "data sequence number", "%s", dataNumber(r.DSN, r.RelDSN, r.HasRelDSN, r.Low32))
		if r.Len > 0 && d.frame != nil {
			f.value += ", of the first of " + exactBytes(uint64(d.frame.Packet.PayloadLen))
		}
	}
	if r.HasDACK {
		d.add("mptcp", "data ack", "%s", dataNumber(r.DACK, r.RelDACK, r.HasRelDACK, r.DACKLow32))
	}
	pieces := d.trace.Pieces(r.ID-1, nil)
	covered := uint32(0)
	for _, p := range pieces {
		covered += p.Len
	}
	switch {
	case r.Len == 0:
	case covered == 0:
		d.add("mptcp", "mapping", "none covers the payload")
	default:
		d.add("mptcp", "mapping", "covers %d of %s, announced by %s", covered, exactBytes(uint64(r.Len)), packets(r.RelatedMappings))
	}
	for _, p := range pieces[min(1, len(pieces)):] {
		d.add("mptcp", "mapping", "from byte %d on DSN %d, %s", p.At, p.DSN, exactBytes(uint64(p.Len)))
	}
	switch {
	case len(r.ReinjectionOf) == 0:
	case sentBefore(d.trace, r.ID-1):
		d.add("mptcp", "carried before", "on another subflow by %s", packets(r.ReinjectionOf))
	default:
		d.add("mptcp", "reinjection", "of %s", packets(r.ReinjectionOf))
	}
	if len(r.ReinjectedIn) > 0 {
		d.add("mptcp", "reinjected", "in %s", packets(r.ReinjectedIn))
	}
}

func packets(ids []uint32) string {
	if len(ids) == 1 {
		return "packet " + joined(ids)
	}
	return "packets " + strings.ReplaceAll(joined(ids), ",", ", ")
}

func dataNumber(n, relative uint64, hasRelative, low bool) string {
	switch {
	case low:
		return fmt.Sprintf("…%d (its upper half is unknown)", uint32(n))
	case hasRelative:
		return fmt.Sprintf("%d (raw %d)", relative, n)
	}
	return fmt.Sprintf("raw %d", n)
}
