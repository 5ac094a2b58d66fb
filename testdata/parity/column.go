package main

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// column is a field under comparison.
type column struct {
	name, field string
	append      func(dst []byte, t *trace.Context, r *trace.Row, s *segment) []byte
	ofOptions   bool // made from the packet's MPTCP options alone
	flag        bool // tshark prints something or nothing; what, does not matter
}

// columns lists the packet columns, then the flags of TCP's analysis, then the fields of options that no column holds.
func columns() []column {
	var list []column
	for _, c := range trace.Columns() {
		list = append(list, column{name: c.Name, field: c.Field, ofOptions: c.Values != nil,
			append: func(dst []byte, t *trace.Context, r *trace.Row, _ *segment) []byte { return c.Append(dst, t, r) }})
	}
	for bit := stream.Analysis(1); bit != 0; bit <<= 1 {
		if names := bit.Names(); len(names) == 1 {
			list = append(list, analysisColumn(names[0]))
		}
	}
	list = append(list,
		column{name: "mss", field: "tcp.options.mss_val", append: fromSegment(func(s *segment) string { return s.mss })},
		column{name: "wscale", field: "tcp.options.wscale.shift", append: fromSegment(func(s *segment) string { return s.wscale })},
		column{name: "sack_le", field: "tcp.options.sack_le", append: fromSegment(func(s *segment) string { return s.sackLeft })},
		column{name: "sack_re", field: "tcp.options.sack_re", append: fromSegment(func(s *segment) string { return s.sackRight })},
	)
	for _, o := range optionFields {
		list = append(list, optionColumn(o.name, o.field, o.text))
	}
	return list
}

// analysisBits are the flags for which tshark prints a field of this name.
func analysisBits(name string) (bits stream.Analysis, is bool) {
	for bit := stream.Analysis(1); bit != 0; bit <<= 1 {
		if names := bit.Names(); len(names) == 1 && names[0] == name {
			if bit == stream.Retransmission {
				bit |= stream.FastRetransmission | stream.SpuriousRetransmission // it marks them as both
			}
			return bit, true
		}
	}
	return 0, false
}

func analysisColumn(name string) column {
	bits, _ := analysisBits(name)
	return column{
		name: name, field: "tcp.analysis." + name, flag: true,
		append: func(dst []byte, _ *trace.Context, r *trace.Row, _ *segment) []byte {
			if r.Analysis&bits != 0 {
				dst = append(dst, '1')
			}
			return dst
		},
	}
}

func fromSegment(text func(*segment) string) func([]byte, *trace.Context, *trace.Row, *segment) []byte {
	return func(dst []byte, _ *trace.Context, _ *trace.Row, s *segment) []byte { return append(dst, text(s)...) }
}

// optionColumn is a field that each MPTCP option of some subtype has.
func optionColumn(name, field string, text func(o mptcp.Option) string) column {
	return column{
		name: name, field: field, ofOptions: true,
		append: func(dst []byte, _ *trace.Context, _ *trace.Row, s *segment) []byte {
			start := len(dst)
			for it := mptcp.NewOptions(s.options, s.area); it.Next(); {
				if t := text(it.Option()); t != "" {
					if len(dst) > start {
						dst = append(dst, ',')
					}
					dst = append(dst, t...)
				}
			}
			return dst
		},
	}
}

// optionFields are read by package mptcp; "" where an option has no such field.
var optionFields = [...]struct {
	name, field string
	text        func(o mptcp.Option) string
}{
	{"sendrand", "tcp.options.mptcp.sendrand", func(o mptcp.Option) string {
		j, _ := mptcp.ParseJoin(o)
		return number(j.HasNonce, uint64(j.Nonce))
	}},
	{"sendtrunchmac", "tcp.options.mptcp.sendtrunchmac", func(o mptcp.Option) string {
		j, _ := mptcp.ParseJoin(o)
		return number(j.HasHMAC && j.Form == mptcp.JoinSYNACK, j.HMAC64)
	}},
	{"sendhmac", "tcp.options.mptcp.sendhmac", func(o mptcp.Option) string {
		if j, _ := mptcp.ParseJoin(o); j.HasHMAC && j.Form == mptcp.JoinACK {
			return hex.EncodeToString(j.HMAC160[:])
		}
		return ""
	}},
	{"backup", "tcp.options.mptcp.backup.flag", backup},
	{"checksumreq", "tcp.options.mptcp.checksumreq.flags", func(o mptcp.Option) string {
		c, _ := mptcp.ParseCapable(o)
		return boolean(o.Subtype() == mptcp.SubCapable && len(o) > 3, c.ChecksumRequired())
	}},
	{"denyjoin0", "tcp.options.mptcp.nomoresubflows.flag", func(o mptcp.Option) string {
		c, _ := mptcp.ParseCapable(o)
		return boolean(o.Subtype() == mptcp.SubCapable && len(o) > 3 && c.Version == 1, c.DenyJoinID0())
	}},
	{"checksum", "tcp.options.mptcp.checksum", func(o mptcp.Option) string {
		if c, _ := mptcp.ParseCapable(o); c.HasChecksum {
			return fmt.Sprintf("0x%04x", c.Checksum)
		}
		if d, _ := mptcp.ParseDSS(o); d.HasChecksum {
			return fmt.Sprintf("0x%04x", d.Checksum)
		}
		return ""
	}},
	{"echo", "tcp.options.mptcp.echo", func(o mptcp.Option) string {
		a, _ := addAddr(o)
		return boolean(a.Version == 1 && o.Subtype() == mptcp.SubAddAddr, a.Echo)
	}},
	{"addr4", "tcp.options.mptcp.ipv4", func(o mptcp.Option) string {
		if a, ok := addAddr(o); ok && a.Addr.Is4() {
			return a.Addr.String()
		}
		return ""
	}},
	{"addr6", "tcp.options.mptcp.ipv6", func(o mptcp.Option) string {
		if a, ok := addAddr(o); ok && a.Addr.Is6() {
			return a.Addr.String()
		}
		return ""
	}},
	{"addrport", "tcp.options.mptcp.port", func(o mptcp.Option) string {
		a, _ := addAddr(o)
		return number(a.HasPort, uint64(a.Port))
	}},
	{"addrhmac", "tcp.options.mptcp.addaddrtrunchmac", func(o mptcp.Option) string {
		a, _ := addAddr(o)
		return number(a.HasHMAC, a.HMAC)
	}},
	{"removed", "mptcp.rm_addr.count", func(o mptcp.Option) string {
		return number(o.Subtype() == mptcp.SubRemoveAddr, uint64(o.Stated()-3)) // however many were captured
	}},
	{"reason", "tcp.options.mptcp.rst_reason", func(o mptcp.Option) string {
		if r, _ := mptcp.ParseReset(o); r.HasReason {
			return fmt.Sprintf("0x%02x", r.Reason)
		}
		return ""
	}},
	{"transient", "tcp.options.mptcp.flag_T.flag", func(o mptcp.Option) string {
		r, _ := mptcp.ParseReset(o)
		return boolean(o.Subtype() == mptcp.SubReset && len(o) > 2, r.Transient)
	}},
}

func backup(o mptcp.Option) string {
	switch o.Subtype() {
	case mptcp.SubJoin:
		j, _ := mptcp.ParseJoin(o)
		return boolean(j.Form == mptcp.JoinSYN || j.Form == mptcp.JoinSYNACK, j.Backup)
	case mptcp.SubPrio:
		p, _ := mptcp.ParsePrio(o, mptcp.VersionUnknown)
		return boolean(true, p.Backup)
	}
	return ""
}

func addAddr(o mptcp.Option) (mptcp.AddAddr, bool) {
	if o.Subtype() != mptcp.SubAddAddr {
		return mptcp.AddAddr{}, false
	}
	a, _ := mptcp.ParseAddAddr(o, mptcp.VersionUnknown)
	return a, a.Addr.IsValid()
}

func number(ok bool, v uint64) string {
	if !ok {
		return ""
	}
	return strconv.FormatUint(v, 10)
}

func boolean(ok, v bool) string {
	switch {
	case !ok:
		return ""
	case v:
		return "1"
	}
	return "0"
}
