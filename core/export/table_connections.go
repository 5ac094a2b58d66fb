package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

func eachConnection(d *trace.Digest, r *Record, emit func(*Record) error) error {
	for i := range d.Conns {
		r.Conn, r.Stream = &d.Conns[i], nil
		if r.verdicts != nil {
			v := r.verdicts(i)
			r.Verdict = &v
		}
		if len(r.Conn.Subflows) > 0 {
			r.Stream = d.SubflowStream(&r.Conn.Subflows[0])
		}
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

func connectionFields() []Field {
	fields := []Field{originField(),
		connectionField(),
		{Name: "aliases", Type: List, Bits: 32, Doc: "further numbers that Wireshark gives to it", List: func(dst []uint64, r *Record) []uint64 { return widen(dst, r.Conn.Aliases) }},
		unsigned("mptcpversion", "", 8, "MPTCP version", func(r *Record) (uint64, bool) { return uint64(r.Conn.Version), r.Conn.Version < 0xff })}
	fields = append(fields, ends()...)
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		fields = append(fields,
			unsigned(d.End()+"_key", "", 64, "key of that end", func(r *Record) (uint64, bool) { return uint64(r.Conn.End(d).Key), r.Conn.End(d).HasKey }),
			unsigned(d.End()+"_token", "", 32, "token of that end", func(r *Record) (uint64, bool) { return uint64(r.Conn.End(d).Token), r.Conn.End(d).HasToken }),
			unsigned(d.End()+"_idsn", "", 64, "initial data sequence number of that end", func(r *Record) (uint64, bool) { return r.Conn.End(d).IDSN, r.Conn.End(d).HasKey }))
	}
	fields = append(fields,
		number("subflows", 32, "", "subflows", func(r *Record) uint64 { return uint64(len(r.Conn.Subflows)) }),
		flag("handshake", "the MP_CAPABLE exchange was captured", func(r *Record) bool { return r.Conn.Handshake }),
		flag("checksum", "DSS checksums were negotiated", func(r *Record) bool { return r.Conn.Checksum }),
		Field{Name: "diagnosis", Type: Text, Doc: "stable name of explain's verdict; empty where the capture was streamed (a pipe, one pass, a large file): it takes all packets",
			Append: func(dst []byte, r *Record) []byte {
				if r.Verdict == nil {
					return dst
				}
				return append(dst, r.Verdict.Key...)
			}},
		Field{Name: "fallback", Type: Text, Doc: "why it is plain TCP, in explain's words; where diagnosis is empty, what single packets show",
			Append: func(dst []byte, r *Record) []byte { return append(dst, r.verdict().Why...) }},
		unsigned("fallback_packet", "", 32, "the packet that shows the fallback", func(r *Record) (uint64, bool) {
			v := r.verdict()
			return uint64(v.Packet), v.Why != "" && v.Packet > 0
		}),
		unsigned("fastclose_packet", "", 32, "first packet with MP_FASTCLOSE", func(r *Record) (uint64, bool) { return uint64(r.Conn.Fastclose), r.Conn.Fastclose > 0 }))
	return append(fields, dataFigures()...)
}

// verdict is that on the record's connection, or else what the dissection saw.
func (r *Record) verdict() Verdict {
	if r.Verdict != nil {
		return *r.Verdict
	}
	return Verdict{Why: r.Conn.Fallback.Cause.String(), Packet: r.Conn.Fallback.Packet}
}

// dataFigures are what travelled at the data level.
func dataFigures() []Field {
	figures := []struct {
		name, doc string
		of        func(*conn.Direction) uint64
	}{
		{"bytes", "TCP payload of all subflows, retransmissions and reinjections included", func(d *conn.Direction) uint64 { return d.Bytes }},
		{"data", "application bytes, each counted once: those with a data sequence number, and those of a SYN and of plain TCP", func(d *conn.Direction) uint64 { return d.Unique }},
		{"reinjected", "bytes sent on a subflow after another one had carried them", func(d *conn.Direction) uint64 { return d.Reinjected }},
		{"retransmitted", "bytes sent again on the subflow that had carried them", func(d *conn.Direction) uint64 { return d.Retransmitted }},
		{"unmapped", "payload bytes that no mapping covers, where there are several subflows: which data they are cannot be told", func(d *conn.Direction) uint64 { return d.Unmapped }},
	}
	var fields []Field
	for _, f := range figures {
		fields = append(fields, eachWay(f.name, func(name string, d stream.Dest) Field {
			return number(name, 63, "bytes", f.doc, func(r *Record) uint64 { return f.of(&r.Conn.Toward[d]) })
		})...)
	}
	return append(fields, moments(func(r *Record, towards stream.Dest) (packets uint64, first, last int64) {
		d := &r.Conn.Toward[towards]
		return d.Packets, d.First, d.Last
	})...)
}
