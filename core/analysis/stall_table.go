package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// stallRow is a row of the table of stalls: one direction.
type stallRow struct {
	dest stream.Dest
	*Delivery
}

// Table sums up each direction.
func (s *Stalls) Table(t *trace.Trace, dest stream.Dest) *display.Table {
	rows := s.directions(dest)
	list := table(t, stallFields, len(rows), func(row int) stallRow { return rows[row] })
	list.Name, list.Title = "stalls", fmt.Sprintf("Stalls of connection %d", s.Conn.ID)
	list.Empty = "no data was sent and received in this capture"
	return list
}

// directions are those that data was seen to arrive in.
func (s *Stalls) directions(dest stream.Dest) (rows []stallRow) {
	for _, d := range ConnDirections(dest) {
		if w := &s.Toward[d]; w.Bytes > 0 {
			rows = append(rows, stallRow{d, w})
		}
	}
	return rows
}

// Notes say from where the queue was seen.
func (s *Stalls) Notes(dest stream.Dest) (notes []string) {
	for _, r := range s.directions(dest) {
		if r.Sight {
			notes = append(notes, fmt.Sprintf("Towards the %s the capture shows what arrives, not what was lost on the way: a reinjection counts for the subflow that brought it.", r.dest.End()))
			continue
		}
		note := fmt.Sprintf("Towards the %s the capture shows no arrivals (%s): data counts as arrived when an ack or a SACK block on its subflow says so.", r.dest.End(), placeName(s.Vantage))
		if !r.AtSender {
			note += " What was lost before it came to the capture is not seen: a reinjection then counts for the subflow that brought it."
		}
		notes = append(notes, note)
	}
	return notes
}

func placeName(v Vantage) string {
	if v == Unknown {
		return "where it was made is not known"
	}
	return "it was made " + v.String()
}

// timeField is a column of a time, and shareField of its share.
func timeField(key, head, doc string, value func(stallRow) int64) field[stallRow] {
	return field[stallRow]{display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc}, func(_ *trace.Trace, r stallRow) display.Value {
		return display.Duration(value(r))
	}}
}

func shareField(key, head, doc string, value func(stallRow) (n, of int64)) field[stallRow] {
	return field[stallRow]{display.Column{Key: key, Head: head, Unit: display.Ratio, Share: true, Doc: doc}, func(_ *trace.Trace, r stallRow) display.Value {
		n, of := value(r)
		return part(uint64(max(n, 0)), uint64(max(of, 0)))
	}}
}

// quietField is the share of one of the two states that only one vantage each can show.
func quietField(key, head, doc string, state State) field[stallRow] {
	f := shareField(key, head, doc, func(r stallRow) (int64, int64) { return r.Time[state], r.Active() })
	value := f.value
	f.value = func(t *trace.Trace, r stallRow) display.Value {
		if r.AtSender != (state == Idle) {
			return display.Value{}
		}
		return value(t, r)
	}
	return f
}

// windowLimited is the share of the sender's time in states that a window brings about; nothing where it is not known.
func (d *Delivery) windowLimited(states ...State) display.Value {
	if !d.Scaled {
		return display.Value{}
	}
	n := int64(0)
	for _, s := range states {
		n += d.Time[s]
	}
	return part(uint64(max(n, 0)), uint64(max(d.Active(), 0)))
}

var stallFields = []field[stallRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, r stallRow) display.Value {
		return display.Str(r.dest.String())
	}},
	{display.Column{Key: "blocked", Head: "Blocked", Unit: display.Ratio, Share: true, Doc: "share of the time from the first to the last arrival in which data was held for a missing byte"}, func(_ *trace.Trace, r stallRow) display.Value {
		if r.Last <= r.First {
			return display.Value{}
		}
		return display.Float(r.BlockedShare())
	}},
	timeField("blocked_time", "Blocked for", "time in which data was held", func(r stallRow) int64 { return r.Blocked }),
	{display.Column{Key: "periods", Head: "Periods", Doc: "holes that data waited for"}, func(_ *trace.Trace, r stallRow) display.Value {
		return display.Uint(uint64(len(r.Periods)))
	}},
	byteField("held", "Held", "bytes that had to wait", func(r stallRow) uint64 { return r.Held }),
	{display.Column{Key: "held_share", Head: "Of data", Unit: display.Ratio, Share: true, Doc: "bytes that had to wait, of those that arrived"}, func(_ *trace.Trace, r stallRow) display.Value {
		return part(r.Held, r.Bytes)
	}},
	timeField("wait_median", "Wait (median)", "half of the bytes that had to wait waited no longer", func(r stallRow) int64 { return r.Waits.Median }),
	timeField("wait_p95", "Wait (95 %)", "95 per cent of the bytes that had to wait waited no longer", func(r stallRow) int64 { return r.Waits.P95 }),
	timeField("wait_max", "Wait (longest)", "longest wait of a byte", func(r stallRow) int64 { return r.Waits.Max }),
	byteField("queue_max", "Queue (most)", "bytes held at a time, at most", func(r stallRow) uint64 { return r.MaxQueue }),
	byteField("queue_mean", "Queue (mean)", "bytes held, averaged over time", func(r stallRow) uint64 { return uint64(r.MeanQueue()) }),
	timeField("lag_median", "Data ack lag", "from the arrival of data in order to the data ack that covers it, median by bytes", func(r stallRow) int64 { return r.Lag.Median }),
	timeField("lag_max", "Lag (longest)", "the longest of them", func(r stallRow) int64 { return r.Lag.Max }),
	{display.Column{Key: "window_limited", Head: "Window limited", Unit: display.Ratio, Share: true, Doc: "share of the sender's time in which the receive window had no room for a full segment; nothing where the window's scale was not captured"}, func(_ *trace.Trace, r stallRow) display.Value {
		return r.windowLimited(WindowLimited)
	}},
	timeField("zero_window", "Zero window", "time in which the receiver's window was 0", func(r stallRow) int64 { return r.Time[ZeroWindow] }),
	quietField("idle", "Idle", "share of the sender's time in which everything was acknowledged and nothing sent; known from a capture at the sender", Idle),
	quietField("silent", "Silent", "the same, seen from elsewhere: or what was sent did not come as far as the capture", Silent),
	shareField("all_sent", "All sent", "share of the sender's time in which data was on its way and the last segment was not full: the application had given no more", func(r stallRow) (int64, int64) {
		return r.Time[AllSent], r.Active()
	}),
	timeField("active", "Sender's time", "from the first data to the last, or its ack", func(r stallRow) int64 { return r.Active() }),
}

// WaitedFor sums up the periods in which one subflow was waited for. Times are ns.
type WaitedFor struct {
	Dest    stream.Dest
	Ordinal int
	Hole    Hole
	By      int // ordinal of the subflow that brought the missing bytes
	Time    int64
	Periods uint64
	Longest int64
}

// WaitedFor sums up the periods by the subflow that was waited for and by what ended them, the longest time first.
func (s *Stalls) WaitedFor(dest stream.Dest) []WaitedFor {
	type key struct {
		dest    stream.Dest
		of, by  int
		because Hole
	}
	at, list := map[key]int{}, []WaitedFor(nil)
	for _, r := range s.directions(dest) {
		for _, p := range r.Periods {
			k := key{r.dest, p.For, p.By, p.Hole}
			i, ok := at[k]
			if !ok {
				i, at[k] = len(list), len(list)
				list = append(list, WaitedFor{Dest: r.dest, Ordinal: p.For, Hole: p.Hole, By: p.By})
			}
			list[i].Time += p.To - p.From
			list[i].Periods++
			list[i].Longest = max(list[i].Longest, p.To-p.From)
		}
	}
	slices.SortStableFunc(list, func(a, b WaitedFor) int { return cmp.Compare(b.Time, a.Time) })
	return list
}

// WaitedForTable tells which subflow the receiver waited for, and why.
func (s *Stalls) WaitedForTable(t *trace.Trace, dest stream.Dest) *display.Table {
	rows := s.WaitedFor(dest)
	fields := []field[WaitedFor]{
		{display.Column{Key: "dest", Head: "Towards", Doc: "the end that waited"}, func(_ *trace.Trace, r WaitedFor) display.Value { return display.Str(r.Dest.String()) }},
		{id("for", "Waited for", "subflow that was to bring the missing byte: the one that carried it first"), func(_ *trace.Trace, r WaitedFor) display.Value {
			return s.chip(r.Ordinal)
		}},
		{display.Column{Key: "hole", Head: "Because of", Doc: "slow path: it came late; loss: it came after later bytes of its subflow, or had to be sent again; reinjected: another subflow brought it; not captured: it is in no packet of the capture"}, func(_ *trace.Trace, r WaitedFor) display.Value {
			return display.Str(r.Hole.String())
		}},
		{id("by", "Brought by", "subflow that brought it"), func(_ *trace.Trace, r WaitedFor) display.Value { return s.chip(r.By) }},
		{display.Column{Key: "time", Head: "Time", Unit: display.Nanoseconds, Doc: "sum of the periods"}, func(_ *trace.Trace, r WaitedFor) display.Value { return display.Duration(r.Time) }},
		{display.Column{Key: "share", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of the time in which anything was waited for, this way"}, func(_ *trace.Trace, r WaitedFor) display.Value {
			return part(uint64(r.Time), uint64(s.Toward[r.Dest].Blocked))
		}},
		{display.Column{Key: "periods", Head: "Periods", Doc: "how often"}, func(_ *trace.Trace, r WaitedFor) display.Value { return display.Uint(r.Periods) }},
		{display.Column{Key: "longest", Head: "Longest", Unit: display.Nanoseconds, Doc: "longest period"}, func(_ *trace.Trace, r WaitedFor) display.Value { return display.Duration(r.Longest) }},
	}
	list := table(t, fields, len(rows), func(row int) WaitedFor { return rows[row] })
	list.Name, list.Title = "waited_for", fmt.Sprintf("What the receiver waited for · connection %d", s.Conn.ID)
	list.Empty = "data never waited"
	return list
}

// chip is a subflow's chip, nothing where it is not known.
func (s *Stalls) chip(ordinal int) display.Value {
	if ordinal < 0 || ordinal >= len(s.Conn.Subflows) {
		return display.Value{}
	}
	return subflowChip(s.Conn, ordinal)
}

// periodRow is a period and its direction.
type periodRow struct {
	dest stream.Dest
	of   *conn.Conn
	Period
}

// PeriodTable lists the periods in order of time.
func (s *Stalls) PeriodTable(t *trace.Trace, dest stream.Dest) *display.Table {
	var rows []periodRow
	for _, r := range s.directions(dest) {
		for _, p := range r.Periods {
			rows = append(rows, periodRow{r.dest, s.Conn, p})
		}
	}
	slices.SortStableFunc(rows, func(a, b periodRow) int { return cmp.Compare(a.From, b.From) })
	fields := []field[periodRow]{
		{display.Column{Key: "dest", Head: "Towards", Doc: "the end that waited"}, func(_ *trace.Trace, r periodRow) display.Value { return display.Str(r.dest.String()) }},
		momentField("from", "From", "when later data was there and the byte was not", func(r periodRow) int64 { return r.From }),
		{display.Column{Key: "duration", Head: "For", Unit: display.Nanoseconds, Doc: "until the byte came"}, func(_ *trace.Trace, r periodRow) display.Value { return display.Duration(r.To - r.From) }},
		{id("dsn", "Missing", "data sequence number of the missing byte, relative where the key is known"), func(_ *trace.Trace, r periodRow) display.Value {
			if e := r.of.End(r.dest.Other()); e.HasKey {
				return display.Uint(r.DSN - e.IDSN)
			}
			return display.Uint(r.DSN)
		}},
		byteField("queue", "Held", "bytes held meanwhile, at most", func(r periodRow) uint64 { return r.Queue }),
		{id("for", "Waited for", "subflow that carried the byte first"), func(_ *trace.Trace, r periodRow) display.Value { return s.chip(r.For) }},
		{display.Column{Key: "hole", Head: "Because of", Doc: "slow path, loss, reinjected or not captured"}, func(_ *trace.Trace, r periodRow) display.Value { return display.Str(r.Hole.String()) }},
		{id("by", "Brought by", "subflow that brought it"), func(_ *trace.Trace, r periodRow) display.Value { return s.chip(r.By) }},
		{id("packetid", "Packet", "that brought it, or acknowledged it"), func(_ *trace.Trace, r periodRow) display.Value {
			if r.By < 0 {
				return display.Value{}
			}
			return display.Uint(uint64(r.Row) + 1)
		}},
	}
	list := table(t, fields, len(rows), func(row int) periodRow { return rows[row] })
	list.Name, list.Title = "periods", fmt.Sprintf("When data of connection %d waited", s.Conn.ID)
	list.Empty = "data never waited"
	return list
}
