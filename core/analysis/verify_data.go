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
	for i := range q.c.BadChecksums {
		b := &q.c.BadChecksums[i]
		where := ""
		if b.Last != b.Packet {
			where = fmt.Sprintf(" in one of the packets %d to %d", min(b.Packet, b.Last), max(b.Packet, b.Last))
		}
		q.add(check{kind: checkSum, verdict: conn.Failed, packet: b.Packet, subflow: q.ordinal(b.Stream),
			expected: fmt.Sprintf("%04x", b.Expected), found: fmt.Sprintf("%04x", b.Found),
			why: fmt.Sprintf("the payload or its mapping of %d bytes was changed on the way%s", b.Length, where)})
	}
	for why, count := range q.c.NoChecksum {
		if count > 0 {
			q.add(check{kind: checkSum, verdict: conn.NotVerifiable, subflow: -1, count: count, why: conn.Reason(why).String()})
		}
	}
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
	cut     bool  // a DATA_FIN was cut by the capture
	acked   bool  // an ack was compared
	top     int64 // the highest ack, from base
}

// data compares initial numbers, DATA_FINs and DATA_ACKs, going through all packets of the connection.
func (q *inquiry) data() {
	var dir [3]dataLevel
	for d := range dir {
		dir[d].fin = -1
	}
	var r trace.Row
	for _, row := range q.t.ConnRows(q.c.ID) {
		q.t.Row(int(row), &r)
		if !r.InConn || r.Ordinal >= len(q.c.Subflows) {
			continue
		}
		p := &control{packet: r.ID, ordinal: r.Ordinal, part: &q.c.Subflows[r.Ordinal], from: r.ConnDest.Other()}
		q.sent(p, &r, &dir[r.ConnDest])
		if r.HasDSS && r.DSS.HasAck {
			q.acked(p, &r, &dir[r.ConnDest.Other()])
		}
	}
	q.closing(&dir)
}

// sent takes in the mapping and the payload of a packet.
func (q *inquiry) sent(p *control, r *trace.Row, d *dataLevel) {
	if r.HasDSS && r.DSS.HasMapping && r.DSS.Length > 0 {
		q.initial(p, r, d)
	}
	if r.Len > 0 && r.HasDSN && !r.Low32 {
		d.reach(r.DSN, uint64(r.Len))
		d.others = d.others || !p.part.Master
	}
	if r.HasDSS && r.DSS.DataFIN && r.DSS.HasMapping && r.DSS.Length > 0 {
		q.finish(p, r, d)
		return
	}
	if r.HasDSS && !r.DSS.DataFIN {
		return
	}
	for _, o := range r.Options {
		if m, f := mptcp.ParseDSS(o); f == mptcp.Cut && m.DataFIN {
			d.cut = true
		}
	}
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
	if d.mapped || !p.part.Master && sender.HasKey || r.DSS.SSN == 0 {
		return
	}
	d.mapped = true
	found := strconv.FormatUint(r.DSS.DSN, 10)
	switch {
	case !sender.HasKey:
		q.cannot(checkIDSN, p, found, conn.MissingKey.String())
		return
	case d.others || !q.t.Streams[p.part.Stream].SYN:
		q.cannot(checkIDSN, p, found, "the beginning of the data was not captured")
		return
	}
	expected := sender.Key.IDSN(q.c.Version) + uint64(r.DSS.SSN)
	if !r.DSS.DSN8 {
		expected &= 1<<32 - 1
	}
	q.judge(checkIDSN, p, strconv.FormatUint(expected, 10), found,
		"the numbers are not those of the sender's key: the key was changed on the way")
}

// finish takes in a DATA_FIN: it stands behind the last byte, and every repetition at the same place.
func (q *inquiry) finish(p *control, r *trace.Row, d *dataLevel) {
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
	switch {
	case d.fin < 0:
		d.fin = at
		q.judge(checkFIN, p, q.number(p.from, d, max(d.end, at)), q.number(p.from, d, at), "data with higher numbers was sent before it")
		d.end = max(d.end, at+1)
	case d.fin != at:
		q.judge(checkFIN, p, q.number(p.from, d, d.fin), q.number(p.from, d, at), "the DATA_FIN moved")
	}
}

// number writes a data sequence number of an end, relative where the key is known.
func (q *inquiry) number(from stream.Dest, d *dataLevel, at int64) string {
	v := d.base + uint64(at)
	if e := q.c.End(from); e.HasKey {
		v -= e.IDSN
	}
	return strconv.FormatUint(v, 10)
}

// acked compares a DATA_ACK with what was sent to its sender.
func (q *inquiry) acked(p *control, r *trace.Row, d *dataLevel) {
	if !r.HasDACK || r.DACKLow32 || !d.started {
		return
	}
	at := int64(r.DACK - d.base)
	limitAt := d.end
	if d.cut && d.fin < 0 {
		limitAt++ // a DATA_FIN whose number was not captured
	}
	if at <= limitAt && at >= -1<<40 {
		d.top = max(d.top, at)
		if !d.acked {
			d.acked = true
			q.add(check{kind: checkDACK, verdict: conn.Verified, packet: p.packet, subflow: p.ordinal})
		}
		return
	}
	if d.over {
		return // told once
	}
	d.over = true
	found, limit := strconv.FormatUint(r.DACK, 10), strconv.FormatUint(d.base+uint64(d.end), 10)
	far := at < 0 || at-d.end > 1<<30
	if !far && q.incomplete() {
		q.cannot(checkDACK, p, found, "it acknowledges data that was not captured")
		return
	}
	q.add(check{kind: checkDACK, verdict: conn.Failed, packet: p.packet, subflow: p.ordinal, expected: "at most " + limit, found: found,
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

// closing asks whether each DATA_FIN was acknowledged: DATA_ACK is one past it (RFC 8684 section 3.3.3).
func (q *inquiry) closing(dir *[3]dataLevel) {
	for _, to := range ConnDirections(stream.DestUnknown) {
		d := &dir[to]
		k := check{kind: checkFIN, verdict: conn.NotVerifiable, subflow: -1}
		switch {
		case d.fin < 0 && q.c.Toward[to].FIN:
			k.why = "its mapping was not captured"
		case d.fin < 0:
			continue
		case d.top < d.fin+1:
			k.why = fmt.Sprintf("no DATA_ACK of the %s's DATA_FIN was captured", endWord(to.Other()))
		default:
			k.verdict = conn.Verified
		}
		q.add(k)
	}
}
