package analysis

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Verdict says in a sentence which scheduler it looks like, how sure that is, and why.
func (s *Schedule) Verdict() string {
	g := &s.Guess
	if g.Kind == UnknownScheduler {
		return fmt.Sprintf("Towards the %s: which scheduler it is cannot be told: %s.", s.Dest.End(), g.Why)
	}
	text := fmt.Sprintf("Towards the %s: looks like %s (%s, %.2f): %s.", s.Dest.End(), g.Kind, g.Sure(), g.Confidence, g.Why)
	var fits []string
	for _, f := range g.Scores {
		if f.Fit > 0 {
			fits = append(fits, fmt.Sprintf("%s %.2f", f.Kind, f.Fit))
		}
	}
	text += " Fit: " + strings.Join(fits, ", ") + "."
	if !s.AtSender {
		text += " The capture was not made at the sender, which halves the confidence."
	}
	return text
}

// scheduleRow is a row of the table of schedules: a subflow one way.
type scheduleRow struct {
	of *Schedule
	c  *conn.Conn
	Path
}

// ScheduleTable tells what each subflow was given, in each direction.
func ScheduleTable(t *trace.Trace, c *conn.Conn, list []*Schedule) *display.Table {
	var rows []scheduleRow
	for _, s := range list {
		for _, p := range s.Paths {
			if s.Bytes > 0 {
				rows = append(rows, scheduleRow{s, c, p})
			}
		}
	}
	out := table(t, scheduleFields, len(rows), func(row int) scheduleRow { return rows[row] })
	out.Name, out.Title = "scheduler", fmt.Sprintf("Choices of the scheduler · connection %d", c.ID)
	out.Empty = "no data with a data sequence number was sent: plain TCP has no scheduler"
	return out
}

// given is a column that is missing where a subflow was given nothing.
func given(column display.Column, value func(r *scheduleRow) display.Value) field[scheduleRow] {
	return field[scheduleRow]{column, func(_ *trace.Trace, r scheduleRow) display.Value {
		if r.Choices == 0 {
			return display.Value{}
		}
		return value(&r)
	}}
}

var scheduleFields = []field[scheduleRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, r scheduleRow) display.Value {
		return display.Str(r.of.Dest.String())
	}},
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, r scheduleRow) display.Value { return subflowChip(r.c, r.Ordinal) }},
	byteField("bytes", "Data", "that it carried first", func(r scheduleRow) uint64 { return r.Bytes }),
	{display.Column{Key: "share", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of the data that way"}, func(_ *trace.Trace, r scheduleRow) display.Value {
		return part(r.Bytes, r.of.Bytes)
	}},
	{display.Column{Key: "choices", Head: "Choices", Doc: "segments with new data"}, func(_ *trace.Trace, r scheduleRow) display.Value { return display.Uint(r.Choices) }},
	{display.Column{Key: "runs", Head: "Runs", Doc: "runs of data that follows each other"}, func(_ *trace.Trace, r scheduleRow) display.Value { return display.Uint(r.Runs) }},
	given(display.Column{Key: "run_median", Head: "Run (median)", Unit: display.Bytes, Doc: "length of its runs, median"}, func(r *scheduleRow) display.Value {
		return display.Uint(uint64(r.RunBytes.Median))
	}),
	given(display.Column{Key: "run_max", Head: "Run (longest)", Unit: display.Bytes, Doc: "length of its longest run"}, func(r *scheduleRow) display.Value {
		return display.Uint(uint64(r.RunBytes.Max))
	}),
	given(display.Column{Key: "rtt", Head: "RTT", Unit: display.Nanoseconds, Doc: "smoothed round trip when it was chosen, median"}, func(r *scheduleRow) display.Value {
		return display.Duration(r.RTT.Median)
	}),
	given(display.Column{Key: "in_flight", Head: "In flight", Unit: display.Bytes, Doc: "bytes not acknowledged when it was chosen, median"}, func(r *scheduleRow) display.Value {
		return display.Uint(uint64(r.InFlight.Median))
	}),
	{display.Column{Key: "backup", Head: "Backup", Doc: "it was a backup at some time (B flag of the join, MP_PRIO)"}, func(_ *trace.Trace, r scheduleRow) display.Value {
		return display.Bool(r.WasBackup)
	}},
	byteField("as_backup", "As backup", "data given to it while it was a backup and a regular subflow could have carried it", func(r scheduleRow) uint64 { return r.AsBackup }),
	{display.Column{Key: "scheduler", Head: "Looks like", Doc: "scheduler that the choices look like"}, func(_ *trace.Trace, r scheduleRow) display.Value {
		return display.Str(r.of.Guess.Kind.String())
	}},
	{display.Column{Key: "confidence", Head: "Confidence", Doc: "from 0 to 1"}, func(_ *trace.Trace, r scheduleRow) display.Value {
		return display.Float(r.of.Guess.Confidence)
	}},
}

// choiceRow is a row of the list of choices.
type choiceRow struct {
	c *conn.Conn
	s *Schedule
	*Choice
}

// ChoiceTable lists every choice, in the order of the data.
func ChoiceTable(t *trace.Trace, c *conn.Conn, list []*Schedule) *display.Table {
	var rows []choiceRow
	for _, s := range list {
		for i := range s.Choices {
			rows = append(rows, choiceRow{c, s, &s.Choices[i]})
		}
	}
	out := table(t, choiceFields, len(rows), func(row int) choiceRow { return rows[row] })
	out.Name, out.Title = "choices", fmt.Sprintf("Choices of the scheduler, in the order of the data · connection %d", c.ID)
	out.Empty = "no data with a data sequence number was sent: plain TCP has no scheduler"
	return out
}

var choiceFields = []field[choiceRow]{
	{id("packetid", "Packet", "number of the packet, from 1"), func(_ *trace.Trace, r choiceRow) display.Value { return display.Uint(uint64(r.Row) + 1) }},
	momentField("time", "Time", "", func(r choiceRow) int64 { return r.Time }),
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, r choiceRow) display.Value {
		return display.Str(r.s.Dest.String())
	}},
	{id("dsn", "DSN", "data sequence number, relative where the key is known"), func(_ *trace.Trace, r choiceRow) display.Value {
		if e := r.c.End(r.s.Dest.Other()); e.HasKey {
			return display.Uint(r.DSN - e.IDSN)
		}
		return display.Uint(r.DSN)
	}},
	byteField("bytes", "Bytes", "of new data", func(r choiceRow) uint64 { return r.Bytes }),
	{id("tcpstream", "Subflow", "tcp.stream that was chosen"), func(_ *trace.Trace, r choiceRow) display.Value { return subflowChip(r.c, r.Ordinal) }},
	{display.Column{Key: "usable", Head: "Of", Wide: true, Doc: "usable subflows, by tcp.stream: smoothed round trip, bytes in flight, full if so much was in flight lately, backup"}, func(_ *trace.Trace, r choiceRow) display.Value {
		return display.Str(usableWords(r.c, r.Usable))
	}},
}

// usableWords writes what there was to choose from: "0: 25.6 ms, 14 200 B; 1: 96 ms, 0 B, full".
func usableWords(c *conn.Conn, list []PathState) string {
	var words []string
	for _, p := range list {
		w := fmt.Sprintf("%d: %s, %s B", c.Subflows[p.Ordinal].Stream, display.Scaled(float64(p.RTT), display.Nanoseconds), display.Whole(p.InFlight))
		if !p.Room {
			w += ", full"
		}
		if p.Backup {
			w += ", backup"
		}
		words = append(words, w)
	}
	return strings.Join(words, "; ")
}
