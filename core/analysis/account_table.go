package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// accountRow is a row of the account: a subflow one way, or all of them (ordinal -1).
type accountRow struct {
	dest    stream.Dest
	ordinal int
	of      *conn.Conn
	Carried
}

// Table is the account by subflow and direction, the connection as a whole first.
func (a *Account) Table(t *trace.Trace, dest stream.Dest) *display.Table {
	var rows []accountRow
	for _, d := range ConnDirections(dest) {
		rows = append(rows, accountRow{d, -1, a.Conn, a.Total(d)})
		for i, p := range a.Parts[d] {
			rows = append(rows, accountRow{d, i, a.Conn, p})
		}
	}
	list := table(t, accountFields, len(rows), func(row int) accountRow { return rows[row] })
	list.Name, list.Title = "account", fmt.Sprintf("Account of connection %d", a.Conn.ID)
	return list
}

// Notes say what an account cannot know.
func (a *Account) Notes(dest stream.Dest) (notes []string) {
	for _, d := range ConnDirections(dest) {
		w := &a.Conn.Toward[d]
		if w.Early > 0 {
			notes = append(notes, fmt.Sprintf("%s of the unique data towards the %s came with the SYN (TCP Fast Open): they have no data sequence number, and come before the data that has.",
				display.Scaled(float64(w.Early), display.Bytes), d.End()))
		}
		if w.Plain > 0 && w.HasDSN {
			notes = append(notes, fmt.Sprintf("%s of the unique data towards the %s are in no mapping: the only subflow carried them as plain TCP, or their mapping was not captured.",
				display.Scaled(float64(w.Plain), display.Bytes), d.End()))
		}
		if n := a.Missing(d); n > 0 {
			never := ""
			if a.Conn.Fastclose != 0 {
				never = ", or the connection was given up before they were sent"
			}
			notes = append(notes, fmt.Sprintf("%s of data towards the %s lie between the first and the last captured byte, but in no packet: the capture lost them, began too late for them, or lacks the path that carried them%s.",
				display.Scaled(float64(n), display.Bytes), d.End(), never))
		}
	}
	return notes
}

// Missing is how many bytes between the first and the last data sequence number no packet carries.
func (a *Account) Missing(d stream.Dest) uint64 {
	w := &a.Conn.Toward[d]
	mapped := w.Unique - w.Plain - uint64(w.Early)
	if n := w.DSNEnd - w.DSNMin; w.HasDSN && n > mapped && n < 1<<32 {
		return n - mapped
	}
	return 0
}

var accountFields = []field[accountRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end of the connection that the bytes travel to"}, func(_ *trace.Trace, r accountRow) display.Value {
		return display.Str(r.dest.String())
	}},
	{id("tcpstream", "Subflow", "tcp.stream; all for the connection as a whole"), func(_ *trace.Trace, r accountRow) display.Value {
		return subflowChip(r.of, r.ordinal)
	}},
	byteField("payload", "Payload", "TCP payload: the sum of the sorts that follow", func(r accountRow) uint64 { return r.Payload }),
	byteField("unique", "Unique", "data that no packet of the connection had carried before", func(r accountRow) uint64 { return r.Unique }),
	byteField("timeout", "Timeout", "sent again on the subflow without a sign of loss: by a timer", func(r accountRow) uint64 { return r.Timeout }),
	byteField("fast", "Fast", "sent again on the subflow after signs of loss: a later segment had arrived, or three duplicate acks", func(r accountRow) uint64 { return r.Fast }),
	byteField("spurious", "Spurious", "sent again on the subflow in vain: D-SACK, an earlier timestamp in the ack, or an earlier ack shows it", func(r accountRow) uint64 { return r.Spurious }),
	byteField("copies", "Copies", "the same packets seen twice: doubled by the network or by the capture", func(r accountRow) uint64 { return r.Copies }),
	byteField("repeated", "Repeated", "data that MPTCP sent again on the same subflow, under new TCP sequence numbers", func(r accountRow) uint64 { return r.Repeated }),
	byteField("reinjected", "Reinjected", "data that another subflow had carried before", func(r accountRow) uint64 { return r.Reinjected }),
	byteField("unmapped", "Unmapped", "payload without a data sequence mapping, on one subflow of several: which data it is cannot be told", func(r accountRow) uint64 { return r.Unmapped }),
	byteField("caused", "Caused", "data that this subflow carried first and another one reinjected", func(r accountRow) uint64 { return r.Caused }),
	byteField("mptcp_options", "MPTCP options", "bytes of MPTCP options", func(r accountRow) uint64 { return r.MPTCP }),
	byteField("tcp_options", "TCP options", "bytes of other TCP options, padding included", func(r accountRow) uint64 { return r.Options }),
	byteField("headers", "Headers", "IP headers and TCP's 20 bytes", func(r accountRow) uint64 { return r.Headers }),
	byteField("wire", "IP bytes", "size of all the IP packets: payload, options and headers", func(r accountRow) uint64 { return r.Wire() }),
	{display.Column{Key: "useful", Head: "Useful", Unit: display.Ratio, Share: true, Doc: "unique data in the IP bytes"}, func(_ *trace.Trace, r accountRow) display.Value {
		return part(r.Unique, r.Wire())
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "segments, with and without payload"}, func(_ *trace.Trace, r accountRow) display.Value {
		return display.Uint(r.Packets)
	}},
}

// Exchange sums up the reinjections of one subflow's data by another one.
type Exchange struct {
	Dest        stream.Dest
	By, Of      int // ordinals of the subflows
	Segments    uint64
	Bytes       uint64
	First, Last int64     // when, ns since the epoch
	Delays      Quantiles // since the originals, ns
}

// Exchanges sums up the reinjections by pair of subflows, in order of their first.
func (a *Account) Exchanges(t *trace.Trace, dest stream.Dest) []Exchange {
	type pair struct {
		dest   stream.Dest
		by, of int
	}
	at, list, delays := map[pair]int{}, []Exchange(nil), [][]int64(nil)
	for _, r := range a.Reinjections {
		if dest != stream.DestUnknown && r.Dest != dest {
			continue
		}
		key := pair{r.Dest, r.By, r.Of}
		i, ok := at[key]
		if !ok {
			i, at[key] = len(list), len(list)
			list = append(list, Exchange{Dest: r.Dest, By: r.By, Of: r.Of, First: t.Time(r.Row)})
			delays = append(delays, nil)
		}
		e := &list[i]
		e.Segments++
		e.Bytes += r.Bytes
		e.Last = t.Time(r.Row)
		delays[i] = append(delays[i], r.Delay)
	}
	for i := range list {
		list[i].Delays = quantiles(delays[i])
	}
	return list
}

// exchangeRow is a row of the table of reinjections.
type exchangeRow struct {
	Exchange
	account *Account
}

// ReinjectionTable tells who reinjected whose data.
func (a *Account) ReinjectionTable(t *trace.Trace, dest stream.Dest) *display.Table {
	rows := a.Exchanges(t, dest)
	list := table(t, exchangeFields, len(rows), func(row int) exchangeRow { return exchangeRow{rows[row], a} })
	list.Name, list.Title = "reinjections", fmt.Sprintf("Reinjections of connection %d", a.Conn.ID)
	list.Empty = "no data was reinjected"
	return list
}

var exchangeFields = []field[exchangeRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end of the connection that the bytes travel to"}, func(_ *trace.Trace, r exchangeRow) display.Value {
		return display.Str(r.Dest.String())
	}},
	{id("of", "Data of", "subflow that carried the data first"), func(_ *trace.Trace, r exchangeRow) display.Value {
		return subflowChip(r.account.Conn, r.Of)
	}},
	{id("by", "Reinjected by", "subflow that carried it again"), func(_ *trace.Trace, r exchangeRow) display.Value {
		return subflowChip(r.account.Conn, r.By)
	}},
	byteField("bytes", "Bytes", "reinjected", func(r exchangeRow) uint64 { return r.Bytes }),
	{display.Column{Key: "share", Head: "Of its data", Unit: display.Ratio, Share: true, Doc: "reinjected bytes in the unique data of the subflow that carried it first"}, func(_ *trace.Trace, r exchangeRow) display.Value {
		return part(r.Bytes, r.account.Parts[r.Dest][r.Of].Unique)
	}},
	{display.Column{Key: "segments", Head: "Segments", Doc: "pieces of data reinjected"}, func(_ *trace.Trace, r exchangeRow) display.Value {
		return display.Uint(r.Segments)
	}},
	momentField("first", "First", "first reinjection", func(r exchangeRow) int64 { return r.First }),
	momentField("last", "Last", "last reinjection", func(r exchangeRow) int64 { return r.Last }),
	{display.Column{Key: "delay_median", Head: "After (median)", Unit: display.Nanoseconds, Doc: "time since the original, median"}, func(_ *trace.Trace, r exchangeRow) display.Value {
		return display.Duration(r.Delays.Median)
	}},
	{display.Column{Key: "delay_max", Head: "After (longest)", Unit: display.Nanoseconds, Doc: "time since the original, longest"}, func(_ *trace.Trace, r exchangeRow) display.Value {
		return display.Duration(r.Delays.Max)
	}},
}
