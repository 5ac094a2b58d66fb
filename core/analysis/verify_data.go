package analysis

import (
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// checksums tells what the connection table made of the DSS checksums, for which it needed the payload.
func (q *inquiry) checksums() {
	n := &q.c.Verified.Checksum
	if n.Verified > 0 {
		q.add(check{kind: checkSum, verdict: conn.Verified, subflow: -1, count: n.Verified})
	}
	beyond := n.Failed // of mappings that are not kept
	for i := range q.c.BadChecksums {
		b := &q.c.BadChecksums[i]
		beyond -= b.Options
		where := ""
		if b.Last != b.Packet {
			where = fmt.Sprintf(" in one of the packets %d to %d", min(b.Packet, b.Last), max(b.Packet, b.Last))
		}
		q.add(check{kind: checkSum, verdict: conn.Failed, packet: b.Packet, subflow: q.ordinal(b.Stream), count: b.Options,
			expected: fmt.Sprintf("%04x", b.Expected), found: fmt.Sprintf("%04x", b.Found),
			why: covered(b) + " was changed on the way" + where})
	}
	if beyond > 0 {
		q.add(check{kind: checkSum, verdict: conn.Failed, subflow: -1, count: beyond, why: "further mappings, beyond those that are kept one by one"})
	}
	for why, count := range q.c.NoChecksum {
		if count > 0 {
			q.add(check{kind: checkSum, verdict: conn.NotVerifiable, subflow: -1, count: count, why: conn.Reason(why).String()})
		}
	}
}

// covered is what a checksum is of.
func covered(b *conn.BadChecksum) string {
	if b.SSN == 0 && b.Length == 1 {
		return "the mapping of a DATA_FIN without payload"
	}
	return "the payload or its mapping of " + exactBytes(uint64(b.Length))
}

func (q *inquiry) ordinal(id uint32) int {
	for i := range q.c.Subflows {
		if q.c.Subflows[i].Stream == id {
			return i
		}
	}
	return -1
}

// dataLevel is what the packets of one direction showed so far. Numbers are 64 bits wide, counted from base on, so that they
// can be compared.
type dataLevel struct {
	base    uint64
	started bool
	end     int64 // one past the last byte or DATA_FIN seen, from base
	fin     int64 // where the DATA_FIN stands, -1 none
	over    bool  // something was acknowledged that was not seen
	mapped  bool  // the first mapping was compared
	others  bool  // another subflow carried data before
	bare    bool  // bytes were sent without a mapping
	cut     bool  // a DATA_FIN was cut by the capture
	acked   bool  // an ack was compared
	top     int64 // the highest ack, from base
	tardy   tardy
}

// begin makes ready for the packets of the connection.
func (q *inquiry) begin() {
	for d := range q.dir {
		q.dir[d].fin = -1
	}
}

// packet compares the initial numbers, DATA_FIN and DATA_ACK of the connection's next packet, which is put together only if
// more than numbers is asked of it. r is room for that.
func (q *inquiry) packet(row uint32, ordinal int, g *trace.Glance, r *trace.Row) {
	to := g.ConnDest
	if to == stream.DestUnknown || ordinal >= len(q.c.Subflows) {
		return
	}
	d := &q.dir[to]
	for q.next < len(q.seen) && q.seen[q.next].packet <= row {
		q.next++
	}
	if q.next < len(q.seen) && q.seen[q.next].packet == row+1 {
		d.cut = d.cut || cutFIN(q.seen[q.next].options)
	}
	told := g.HasMPTCP && (!d.mapped && g.Len > 0 || g.DataFIN)
	if told {
		q.t.Row(int(row), r)
		q.initial(q.control(row, ordinal, to), r, d)
	}
	if g.HasDSN && !q.c.Toward[to].Low32 {
		d.reach(g.DSN, uint64(g.Len))
		d.others = d.others || !q.c.Subflows[ordinal].Master
	}
	d.bare = d.bare || naked(g)
	if told {
		q.finish(q.control(row, ordinal, to), r, d)
	}
	if back := to.Other(); g.HasDACK && !q.c.Toward[back].Low32 && q.dir[back].questionable(g.DACK) {
		q.acked(q.control(row, ordinal, to), g.DACK, &q.dir[back])
	}
}

// control is the packet of a row, without its options where it has no more than a plain DSS.
func (q *inquiry) control(row uint32, ordinal int, to stream.Dest) *control {
	if q.next < len(q.seen) && q.seen[q.next].packet == row+1 {
		return &q.seen[q.next]
	}
	return &control{packet: row + 1, ordinal: ordinal, part: &q.c.Subflows[ordinal], from: to.Other()}
}

// reach notes that bytes were sent.
func (d *dataLevel) reach(dsn, n uint64) {
	if !d.started {
		d.base, d.started = dsn, true
	}
	d.end = max(d.end, int64(dsn-d.base)+int64(n))
}

// initial compares the first mapping of the initial subflow with the key: byte SSN of it has number IDSN+SSN, as long as no
// other subflow carried data (RFC 8684 section 3.3.1).
func (q *inquiry) initial(p *control, r *trace.Row, d *dataLevel) {
	sender := q.c.End(p.from)
	if d.mapped || !r.HasDSS || !r.DSS.HasMapping || r.DSS.Length == 0 || r.DSS.SSN == 0 || !p.part.Master && sender.HasKey {
		return
	}
	d.mapped = true
	if !sender.HasKey {
		q.cannot(checkIDSN, p, decimal(r.DSS.DSN), conn.MissingKey.String())
		return
	}
	expected := sender.Key.IDSN(q.c.Version) + uint64(r.DSS.SSN)
	off := int64(r.DSS.DSN - expected)
	if !r.DSS.DSN8 {
		expected &= 1<<32 - 1
		off = int64(int32(uint32(off)))
	}
	if off != 0 && !q.t.SubflowStream(q.c, p.ordinal).SYN {
		q.cannot(checkIDSN, p, decimal(r.DSS.DSN), "the beginning of the data was not captured")
		return
	}
	if off != 0 && d.others {
		q.cannot(checkIDSN, p, decimal(r.DSS.DSN), "other subflows carried data before")
		return
	}
	if r.DSS.SSN != 1 && off != 0 && -farOff < off && off < farOff {
		q.cannot(checkIDSN, p, decimal(r.DSS.DSN), "what other subflows carried before was not captured")
		return
	}
	judge(q, checkIDSN, p, expected, r.DSS.DSN, decimal, "the numbers are not those of the sender's key: the key was changed on the way")
}

// finish takes in a DATA_FIN: it stands behind the last byte, and every repetition at the same place.
func (q *inquiry) finish(p *control, r *trace.Row, d *dataLevel) {
	if !r.HasDSS || !r.DSS.DataFIN || !r.DSS.HasMapping || r.DSS.Length == 0 {
		return
	}
	sender := q.c.End(p.from)
	dsn := r.DSS.DSN
	switch {
	case r.DSS.DSN8:
	case d.started:
		dsn = mptcp.Expand(d.base+uint64(d.end), uint32(dsn))
	case sender.HasKey:
		dsn = mptcp.Expand(sender.IDSN, uint32(dsn))
	default:
		return // its upper half is unknown
	}
	if !d.started {
		d.base, d.started = dsn, true
	}
	at := int64(dsn+uint64(r.DSS.Length)-1) - int64(d.base)
	number := func(at int64) string { return q.number(p.from, d, at) }
	switch {
	case d.fin < 0:
		d.fin = at
		judge(q, checkFIN, p, max(d.end, at), at, number, "data with higher numbers was sent before it")
		d.end = max(d.end, at+1)
	case d.fin != at:
		judge(q, checkFIN, p, d.fin, at, number, "the DATA_FIN moved")
	}
}

// farOff is from where on a number is that of another key: no window is as large (RFC 7323 section 2.3).
const farOff = 1 << 30

// cutFIN says whether a packet has a DATA_FIN of which the capture cut the number.
func cutFIN(options []mptcp.Option) bool {
	for _, o := range options {
		if m, f := mptcp.ParseDSS(o); f == mptcp.Cut && m.DataFIN {
			return true
		}
	}
	return false
}

// number writes a data sequence number of an end, relative where the key is known.
func (q *inquiry) number(from stream.Dest, d *dataLevel, at int64) string {
	v := d.base + uint64(at)
	if e := q.c.End(from); e.HasKey {
		v -= e.IDSN
	}
	return strconv.FormatUint(v, 10)
}

// credible says whether a DATA_ACK is of what was sent to its sender, in numbers from base.
func (d *dataLevel) credible(at int64) bool {
	limit := d.end
	if d.cut && d.fin < 0 {
		limit++ // a DATA_FIN whose number was not captured
	}
	return at <= limit && at >= -1<<40
}

// questionable takes in a DATA_ACK, and says whether there is something to tell of it: it is the first, or the first that is
// not credible.
func (d *dataLevel) questionable(dack uint64) bool {
	at := int64(dack - d.base)
	if !d.started || !d.credible(at) {
		return d.started && !d.over
	}
	d.top = max(d.top, at)
	return !d.acked
}

// acked tells of a DATA_ACK.
func (q *inquiry) acked(p *control, dack uint64, d *dataLevel) {
	at := int64(dack - d.base)
	if !d.credible(at) {
		if !d.tardy.known {
			q.findTardy(p.from, d)
		}
		d.end = max(d.end, d.tardy.before(q.t.Time(p.packet-1)))
	}
	if d.credible(at) {
		d.top = max(d.top, at)
		if d.acked {
			return
		}
		d.acked = true
		q.add(check{kind: checkDACK, verdict: conn.Verified, packet: p.packet, subflow: p.ordinal})
		return
	}
	d.over = true
	far := at < 0 || at-d.end > farOff
	switch {
	case far:
	case q.incomplete():
		q.cannot(checkDACK, p, decimal(dack), "it acknowledges data that was not captured")
		return
	case d.bare:
		q.cannot(checkDACK, p, decimal(dack), "bytes were sent before it whose mapping was not captured")
		return
	case !q.c.Handshake: // by whose keys joins are known
		q.cannot(checkDACK, p, decimal(dack), "without the keys not all subflows are known, and others may have carried what it acknowledges")
		return
	}
	q.add(check{kind: checkDACK, verdict: conn.Failed, packet: p.packet, subflow: p.ordinal, expected: "at most " + decimal(d.base+uint64(d.end)), found: decimal(dack),
		why: "it acknowledges what was not sent: the ends do not agree on keys or numbers", far: far})
}

// incomplete says whether the capture lacks packets that must have been there.
func (q *inquiry) incomplete() bool {
	const missing = stream.AckLostSegment | stream.LostSegment
	for _, row := range q.t.ConnRows(q.c.ID) {
		if q.t.Analysis(row)&missing != 0 {
			return true
		}
	}
	return false
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

// closing asks whether each DATA_FIN was acknowledged: DATA_ACK is one past it (RFC 8684 section 3.3.3).
func (q *inquiry) closing() {
	for _, to := range ConnDirections(stream.DestUnknown) {
		d := &q.dir[to]
		k := check{kind: checkFIN, verdict: conn.NotVerifiable, subflow: -1}
		switch {
		case d.fin < 0 && q.c.Toward[to].FIN:
			k.why = "its mapping was not captured"
		case d.fin < 0:
			continue
		case d.top < d.fin+1:
			k.why = fmt.Sprintf("no DATA_ACK of the %s's DATA_FIN was captured", to.Other().End())
		default:
			k.verdict = conn.Verified
		}
		q.add(k)
	}
}
