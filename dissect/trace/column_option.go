package trace

import (
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// values appends the numbers that one MPTCP option has for a column. Most options have none, few have several.
type values func(dst []uint64, o mptcp.Option, r *Row) []uint64

// options makes the text form of a column whose numbers stand in the MPTCP options.
func options(of values) func([]byte, *Context, *Row) []byte {
	return func(dst []byte, _ *Context, r *Row) []byte {
		var room [8]uint64
		if len(r.Options) == 1 {
			if v := of(room[:0], r.Options[0], r); len(v) == 1 {
				return strconv.AppendUint(dst, v[0], 10)
			}
		}
		first := true
		for _, o := range r.Options {
			for _, v := range of(room[:0], o, r) {
				if !first {
					dst = append(dst, ',')
				}
				first = false
				dst = strconv.AppendUint(dst, v, 10)
			}
		}
		return dst
	}
}

// firstOf is the first of a column's numbers.
func firstOf(of values) func(*Context, *Row) (uint64, bool) {
	return func(_ *Context, r *Row) (uint64, bool) {
		var room [8]uint64
		for _, o := range r.Options {
			if v := of(room[:0], o, r); len(v) > 0 {
				return v[0], true
			}
		}
		return 0, false
	}
}

// allOf is all of a column's numbers.
func allOf(of values) func([]uint64, *Row) []uint64 {
	return func(dst []uint64, r *Row) []uint64 {
		for _, o := range r.Options {
			dst = of(dst, o, r)
		}
		return dst
	}
}

func subtype(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	return append(dst, uint64(o.Subtype()))
}

func sendKey(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	if m, _ := mptcp.ParseCapable(o); m.HasSender {
		return append(dst, uint64(m.Sender))
	}
	return dst
}

func receiveKey(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	if m, _ := mptcp.ParseCapable(o); m.HasReceiver {
		return append(dst, uint64(m.Receiver))
	}
	if m, _ := mptcp.ParseFastclose(o); m.HasKey {
		return append(dst, uint64(m.Key))
	}
	return dst
}

func receiveToken(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	if m, _ := mptcp.ParseJoin(o); m.HasToken {
		return append(dst, uint64(m.Token))
	}
	return dst
}

func dataFIN(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	if o.Subtype() != mptcp.SubDSS || len(o) < 4 {
		return dst
	}
	return append(dst, uint64(o[3]>>4&1))
}

func version(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	if o.Subtype() != mptcp.SubCapable {
		return dst
	}
	return append(dst, uint64(o[2]&0x0f))
}

// parseDSS reads a DSS option of a row, nil for other options. What the row has read already is not read again.
func parseDSS(o mptcp.Option, r *Row) *mptcp.DSS {
	switch {
	case o.Subtype() != mptcp.SubDSS:
		return nil
	case r.HasDSS && len(r.Options) == 1:
		return &r.DSS
	}
	d, _ := mptcp.ParseDSS(o)
	return &d
}

// The numbers of a DSS option.

func dsnOfDSS(d *mptcp.DSS) (uint64, bool)    { return d.DSN, d.HasDSN }
func ackOfDSS(d *mptcp.DSS) (uint64, bool)    { return d.Ack, d.HasAck }
func ssnOfDSS(d *mptcp.DSS) (uint64, bool)    { return uint64(d.SSN), d.HasSSN }
func lengthOfDSS(d *mptcp.DSS) (uint64, bool) { return uint64(d.Length), d.HasMapping }

// found appends the number that a DSS option has, if it is one.
func found(dst []uint64, d *mptcp.DSS, of func(*mptcp.DSS) (uint64, bool)) []uint64 {
	if d != nil {
		if v, ok := of(d); ok {
			return append(dst, v)
		}
	}
	return dst
}

func dssDSN(dst []uint64, o mptcp.Option, r *Row) []uint64 {
	if m, _ := mptcp.ParseFail(o); m.HasDSN {
		return append(dst, m.DSN)
	}
	return found(dst, parseDSS(o, r), dsnOfDSS)
}

func dssRawAck(dst []uint64, o mptcp.Option, r *Row) []uint64 {
	return found(dst, parseDSS(o, r), ackOfDSS)
}

func dssSSN(dst []uint64, o mptcp.Option, r *Row) []uint64 {
	return found(dst, parseDSS(o, r), ssnOfDSS)
}

func dssLength(dst []uint64, o mptcp.Option, r *Row) []uint64 {
	if m, _ := mptcp.ParseCapable(o); m.HasLength {
		return append(dst, uint64(m.Length))
	}
	return found(dst, parseDSS(o, r), lengthOfDSS)
}

func addrID(dst []uint64, o mptcp.Option, _ *Row) []uint64 {
	switch o.Subtype() {
	case mptcp.SubJoin:
		if m, _ := mptcp.ParseJoin(o); (m.Form == mptcp.JoinSYN || m.Form == mptcp.JoinSYNACK) && len(o) >= 4 {
			return append(dst, uint64(m.AddrID))
		}
	case mptcp.SubAddAddr:
		if len(o) >= 4 {
			return append(dst, uint64(o[3]))
		}
	case mptcp.SubRemoveAddr:
		m, _ := mptcp.ParseRemoveAddr(o)
		for _, id := range m.IDs {
			dst = append(dst, uint64(id))
		}
	case mptcp.SubPrio:
		if len(o) >= 4 && o.Stated() == 4 {
			return append(dst, uint64(o[3]))
		}
	}
	return dst
}
