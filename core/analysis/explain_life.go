package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// moment is one thing that happened in a connection's life.
type moment struct {
	packet  uint32
	time    int64
	ordinal int
	what    string
	kind    string // those of one kind are told in the same words
}

// diary collects moments.
type diary struct {
	e    *examination
	list []moment
	said map[string]bool
}

func (d *diary) add(packet uint32, time int64, ordinal int, format string, a ...any) {
	d.list = append(d.list, moment{packet, time, ordinal, fmt.Sprintf(format, a...), format})
}

// once adds what is told the first time only.
func (d *diary) once(key string, packet uint32, time int64, ordinal int, format string, a ...any) {
	if !d.said[key] {
		d.said[key] = true
		d.add(packet, time, ordinal, format, a...)
	}
}

// lifeTable tells the connection's life.
func (e *examination) lifeTable(all []Finding, dead []silence, still []standstill) *display.Table {
	d := &diary{e: e, said: map[string]bool{}}
	for i := range e.lives {
		d.open(&e.lives[i], &e.c.Subflows[i])
		d.closed(&e.lives[i])
	}
	for i := range e.controls {
		d.control(&e.controls[i])
	}
	d.data()
	d.unheard()
	for i := range dead {
		s := &dead[i]
		d.add(s.packet, e.t.Time(s.packet-1), s.From, "Subflow %d falls silent: %s.", e.c.Subflows[s.From].Stream, s.text(e.t, e.c))
	}
	for i := range still {
		s := &still[i]
		d.add(s.packet, e.t.Time(s.packet-1), s.ordinal, "Subflow %d stands still for %s: %s.", e.c.Subflows[s.ordinal].Stream, s.length(), s.text(e))
	}
	d.bereft()
	for i := range all {
		d.finding(&all[i])
	}
	slices.SortStableFunc(d.list, func(a, b moment) int { return cmp.Compare(a.packet, b.packet) })
	rows := fold(d.list)
	list := table(e.t, momentFields, len(rows), func(row int) momentRow { return momentRow{rows[row], e.c} })
	list.Name, list.Title = "life", fmt.Sprintf("Life of connection %d", e.c.ID)
	return list
}

// bereft tells that all of several subflows were reset before the ends had ended their data: nothing is left to carry it.
func (d *diary) bereft() {
	if len(d.e.lives) < 2 || d.e.c.Fastclose != 0 {
		return
	}
	var last *life
	for i := range d.e.lives {
		l := &d.e.lives[i]
		switch {
		case !l.up():
			continue
		case !l.refusal.seen():
			return
		case last == nil || l.refusal.packet > last.refusal.packet:
			last = l
		}
	}
	if last == nil || d.e.ended(stream.Client, last.refusal.packet) != 0 && d.e.ended(stream.Server, last.refusal.packet) != 0 {
		return
	}
	d.add(last.refusal.packet, last.refusal.time, last.ordinal, "From here on the connection has no subflow left, and not both ends have ended their data.")
}

// unheard tells that a connection ends without an answer: all of its paths died, or a host did.
func (d *diary) unheard() {
	var last [3]uint32 // by the end that sent it: its last packet
	var sent [3]uint32 // by the end that sent it: packets with data since the other end was heard
	var until [3]int64 // the last of these
	for _, row := range d.e.t.ConnRows(d.e.c.ID) {
		to := d.e.t.ConnDest(row)
		from := to.Other()
		last[from], sent[to] = row+1, 0
		if d.e.t.PayloadLen(row) > 0 {
			sent[from]++
			until[from] = d.e.t.Time(row)
		}
	}
	for _, from := range ConnDirections(stream.DestUnknown) {
		silent := from.Other()
		if last[silent] == 0 || sent[from] < 2 || d.e.t.Flags(last[silent]-1)&stream.RST != 0 || d.e.c.Fastclose != 0 {
			continue
		}
		since := d.e.t.Time(last[silent] - 1)
		if length := until[from] - since; length >= 2*leastSilence {
			d.add(last[silent], since, d.e.t.OrdinalOf(last[silent]-1), "From here on nothing of the %s was captured: what the %s sends for %s, %s with data, is not answered.",
				silent.End(), from.End(), spanText(length), display.Count(uint64(sent[from]), "packet"))
		}
	}
}

// maxMoments is how many moments of one kind are told: a flood of joins is seen by then.
const maxMoments = 50

// fold leaves out what goes on and on, and says so where it begins to.
func fold(list []moment) []moment {
	left := map[string]int{}
	last := map[string]uint32{}
	for i := range list {
		left[list[i].kind]++
		last[list[i].kind] = list[i].packet
	}
	short := list[:0]
	told := map[string]int{}
	for _, m := range list {
		told[m.kind]++
		left[m.kind]--
		switch n := told[m.kind]; {
		case n == maxMoments+1 && left[m.kind] > 0:
			m.what += fmt.Sprintf(" And %s more like this, the last in packet %d.", display.Whole(left[m.kind]), last[m.kind])
			short = append(short, m)
		case n <= maxMoments+1:
			short = append(short, m)
		}
	}
	return short
}

// open tells of a subflow's handshake.
func (d *diary) open(l *life, part *conn.Subflow) {
	client, server := d.e.sender(l, stream.Client).End(), d.e.sender(l, stream.Server).End()
	asks, with := "MP_JOIN", "to join"
	if part.Master {
		asks, with = "MP_CAPABLE", "to connect"
	}
	s := l.stream
	if l.offer.seen() {
		again := ""
		if l.offers > 1 {
			again = fmt.Sprintf(", %s in all", times(l.offers))
		}
		d.add(l.offer.packet, l.offer.time, l.ordinal, "The %s asks %s: SYN with %s from %s to %s%s.", client, with, asks, s.Client, s.Server, again)
	}
	if l.bare.seen() {
		d.add(l.bare.packet, l.bare.time, l.ordinal, "The %s sends a SYN%s.", client, orCut(&l.bare, strayed(&l.bare, " without an MPTCP option")))
	}
	if l.answer.seen() {
		how := orCut(&l.answer, strayed(&l.answer, " without "+asks))
		if l.answer.option {
			how = " with " + asks
		}
		after := ""
		if l.asked != Never {
			after = fmt.Sprintf(", %s after the SYN", spanText(l.answer.time-l.asked))
		}
		if l.answer.cut {
			how, after = after, how
		}
		d.add(l.answer.packet, l.answer.time, l.ordinal, "The %s answers%s%s.", server, how, after)
	}
	if l.third.seen() && l.answer.seen() {
		how := orCut(&l.third, " without an MPTCP option")
		if l.third.option {
			how = strayed(&l.third, " and its third packet carries "+asks)
		}
		d.add(l.third.packet, l.third.time, l.ordinal, "The %s goes on%s.", client, how)
	}
	if l.refusal.seen() {
		reason := ""
		if l.refusal.reason >= 0 {
			reason = fmt.Sprintf(", MP_TCPRST %s", resetWord(l.refusal.reason))
		}
		sender, why := d.e.sender(l, l.refusal.from), ""
		if l.ordinal >= 0 && l.up() && d.e.takenBack(l.ordinal, l.refusal.time, sender) {
			why = ", whose address was taken back"
		}
		d.add(l.refusal.packet, l.refusal.time, l.ordinal, "The %s resets the subflow%s%s.", sender.End(), why, reason)
	}
}

// strayed is what a packet has instead of MP_CAPABLE or MP_JOIN, if it has other MPTCP options only.
func strayed(o *sight, otherwise string) string {
	if o.stray {
		return " with an MPTCP option that is neither MP_CAPABLE nor MP_JOIN"
	}
	return otherwise
}

// orCut is what a packet without a visible option lacks, unless the capture cut what would show it.
func orCut(o *sight, lacks string) string {
	if o.cut {
		return "; the capture cut its options"
	}
	return lacks
}

// control tells of the options beside the handshakes.
func (d *diary) control(p *control) {
	who := p.from.End()
	for _, o := range p.options {
		if len(o) < 3 {
			continue
		}
		switch o.Subtype() {
		case mptcp.SubAddAddr:
			m, f := mptcp.ParseAddAddr(o, d.e.c.Version)
			if f == mptcp.BadLength || !m.Addr.IsValid() {
				continue
			}
			what := fmt.Sprintf("The %s announces the address %s as id %d (ADD_ADDR).", who, m.Addr, m.ID)
			if m.Echo {
				what = fmt.Sprintf("The %s confirms the address %s, id %d (echo).", who, m.Addr, m.ID)
			}
			d.once(what, p.packet, p.time, p.ordinal, "%s", what)
		case mptcp.SubRemoveAddr:
			m, _ := mptcp.ParseRemoveAddr(o)
			d.add(p.packet, p.time, p.ordinal, "The %s takes back its address%s (REMOVE_ADDR).", who, idList(m.IDs))
		case mptcp.SubPrio:
			m, _ := mptcp.ParsePrio(o, d.e.c.Version)
			how := "for ordinary use"
			if m.Backup {
				how = "as a backup"
			}
			d.add(p.packet, p.time, p.ordinal, "The %s asks to use this subflow %s (MP_PRIO).", who, how)
		case mptcp.SubFail:
			d.add(p.packet, p.time, p.ordinal, "The %s %s.", who, d.failing(p))
		case mptcp.SubFastclose:
			d.once("fastclose"+who, p.packet, p.time, p.ordinal, "The %s gives the connection up (MP_FASTCLOSE).", who)
		}
	}
}

// failing is what an MP_FAIL does: Linux answers one with another, though no checksum was wrong that way.
func (d *diary) failing(p *control) string {
	if first := d.e.fails[p.ordinal]; first != nil && first.from != p.from && d.e.blamed(p) == nil {
		return "sends MP_FAIL in return"
	}
	return "reports a wrong checksum (MP_FAIL)"
}

// idList writes " 3" or "es 3, 4".
func idList(ids []byte) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}
	plural := ""
	if len(ids) != 1 {
		plural = "es"
	}
	return plural + " " + strings.Join(words, ", ")
}

// data tells when data began and ended in each direction and on each subflow, and of the longest pause.
func (d *diary) data() {
	var first, last [3]moment
	var pause [3]int64
	var before [3]moment
	var sent, acked [3]uint64 // data sequence numbers by the end they travel to, as far as they are known
	seen := map[[2]int]bool{}
	var r trace.Row
	for _, row := range d.e.t.ConnRows(d.e.c.ID) {
		d.e.t.Row(int(row), &r)
		if !r.InConn {
			continue
		}
		if r.HasDSS && r.DSS.DataFIN {
			who := r.ConnDest.Other().End()
			d.once("fin"+who, r.ID, r.Time, r.Ordinal, "The %s announces the end of its data%s (DATA_FIN).", who, d.end(&r))
		}
		to := r.ConnDest
		if dack, ok := d.e.t.DACK(row); ok {
			acked[to.Other()] = max(acked[to.Other()], dack)
		}
		if r.Len == 0 {
			continue
		}
		stale := false // all that was sent is known to have come: what comes now is a copy, of which nothing waits
		if dsn, ok := d.e.t.DSN(row); ok {
			end := dsn + uint64(r.Len)
			stale = end <= sent[to] && acked[to] >= sent[to]
			sent[to] = max(sent[to], end)
		}
		now := moment{packet: r.ID, time: r.Time, ordinal: r.Ordinal}
		if key := [2]int{int(to), r.Ordinal}; !seen[key] {
			seen[key] = true
			d.add(r.ID, r.Time, r.Ordinal, "First data towards the %s on this subflow.", to.End())
		}
		if first[to].packet == 0 {
			first[to] = now
		} else if gap := r.Time - last[to].time; gap > pause[to] && !stale {
			pause[to], before[to] = gap, last[to]
		}
		last[to] = now
	}
	for _, to := range ConnDirections(stream.DestUnknown) {
		if last[to].packet == first[to].packet { // one packet, or none
			continue
		}
		d.add(last[to].packet, last[to].time, last[to].ordinal, "Last data towards the %s: %s in %s.", to.End(),
			amount(&d.e.c.Toward[to]), spanText(last[to].time-first[to].time))
		if whole := last[to].time - first[to].time; pause[to] > whole/5 && pause[to] > 50e6 {
			d.add(before[to].packet, before[to].time, before[to].ordinal, "After this, no data towards the %s for %s.", to.End(), spanText(pause[to]))
		}
	}
}

// end is where the DATA_FIN of a packet stands, as " at DSN 4001", empty where that is not known.
func (d *diary) end(r *trace.Row) string {
	sender := d.e.c.End(r.ConnDest.Other())
	dsn, ok := d.e.t.MappingDSN(r.ID-1, &r.DSS)
	if !ok || !sender.HasKey || !r.DSS.HasMapping || r.DSS.Length == 0 {
		return ""
	}
	return fmt.Sprintf(" at DSN %d", dsn+uint64(r.DSS.Length)-1-sender.IDSN)
}

// closed tells of a subflow that is closed while the connection goes on, or as its address is taken back.
func (d *diary) closed(l *life) {
	if !l.stream.FIN || !l.up() {
		return
	}
	for _, row := range d.e.rowsOf(l) {
		if d.e.t.Flags(row)&stream.FIN == 0 {
			continue
		}
		time, why := d.e.t.Time(row), ""
		sender := d.e.sender(l, d.e.t.Dest(row).Other())
		switch {
		case d.e.takenBack(l.ordinal, time, sender):
			why = ", whose address was taken back"
		case !d.e.after(time, l.ordinal):
			return
		}
		d.add(row+1, time, l.ordinal, "The %s closes this subflow%s (FIN).", sender.End(), why)
		return
	}
}

// amount writes how much data travelled one way: what went without a mapping apart, as it has no data sequence numbers.
func amount(d *conn.Direction) string {
	text := display.Scaled(float64(d.Unique), display.Bytes)
	if d.Plain > 0 && d.HasDSN {
		text += fmt.Sprintf(", %s of it without a mapping,", display.Scaled(float64(d.Plain), display.Bytes))
	}
	if d.Unmapped > 0 {
		text += fmt.Sprintf(", and %s without a mapping,", display.Scaled(float64(d.Unmapped), display.Bytes))
	}
	return text
}

// finding marks the packet that a verdict rests on.
func (d *diary) finding(f *Finding) {
	if f.Diagnosis == Healthy || f.Packet() == 0 {
		return
	}
	d.add(f.Packet(), d.e.t.Time(f.Packet()-1), f.Ordinal, "Here it shows: %s.", f.Diagnosis)
}

type momentRow struct {
	moment
	c *conn.Conn
}

var momentFields = []field[momentRow]{
	momentField("time", "Time", "", func(m momentRow) int64 { return m.time }),
	packetField("packetid", "Packet", "as this program counts", func(m momentRow) uint32 { return m.packet }),
	frameField(func(m momentRow) uint32 { return m.packet }),
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, m momentRow) display.Value {
		return subflowValue(m.c, m.ordinal)
	}},
	{display.Column{Key: "what", Head: "What happens", Wide: true, Doc: "a sentence"}, func(_ *trace.Trace, m momentRow) display.Value {
		return display.Str(m.what)
	}},
}
