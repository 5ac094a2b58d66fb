package export

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Tables that are known at the end of the capture: streams, connections, subflows, issues.

func eachStream(d *trace.Digest, r *Record, emit func(*Record) error) error {
	for i := range d.Streams {
		r.Stream = &d.Streams[i]
		r.Conn, r.Subflow = d.OfStream(r.Stream.ID)
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

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

func eachSubflow(d *trace.Digest, r *Record, emit func(*Record) error) error {
	for i := range d.Conns {
		r.Conn = &d.Conns[i]
		for k := range r.Conn.Subflows {
			r.Subflow, r.Place = &r.Conn.Subflows[k], k
			r.Stream = d.SubflowStream(r.Subflow)
			if err := emit(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachIssue(d *trace.Digest, r *Record, emit func(*Record) error) error {
	for i := range d.Issues {
		r.Issue = &d.Issues[i]
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

func number(name string, size int, unit, doc string, value func(*Record) uint64) Field {
	f := unsigned(name, "", size, doc, func(r *Record) (uint64, bool) { return value(r), true })
	f.Unit = unit
	return f
}

func flag(name, doc string, value func(*Record) bool) Field {
	return Field{Name: name, Type: Bool, Bits: 8, Doc: doc, Number: func(r *Record) (uint64, bool) { return one(value(r)), true }}
}

func moment(name, doc string, value func(*Record) (int64, bool)) Field {
	return Field{Name: name, Type: Time, Unit: "s", Doc: doc, Number: func(r *Record) (uint64, bool) {
		ns, ok := value(r)
		return uint64(ns), ok
	}}
}

func address(name, doc string, value func(*Record) netip.AddrPort) Field {
	return Field{Name: name, Type: Text, Plain: true, Doc: doc, Append: func(dst []byte, r *Record) []byte {
		if a := value(r).Addr(); a.IsValid() {
			return a.AppendTo(dst)
		}
		return dst
	}}
}

func port(name, doc string, value func(*Record) netip.AddrPort) Field {
	return unsigned(name, "", 16, doc, func(r *Record) (uint64, bool) {
		a := value(r)
		return uint64(a.Port()), a.IsValid()
	})
}

// ends are the addresses of a stream, under names with a prefix.
func ends() []Field {
	client := func(r *Record) (a netip.AddrPort) {
		if r.Stream != nil {
			a = r.Stream.Client
		}
		return a
	}
	server := func(r *Record) (a netip.AddrPort) {
		if r.Stream != nil {
			a = r.Stream.Server
		}
		return a
	}
	return []Field{
		address("client_ip", "address of the end that opened the stream", client), port("client_port", "its port", client),
		address("server_ip", "address of the other end", server), port("server_port", "its port", server),
	}
}

// eachWay is a field for each direction of a stream.
func eachWay(name string, field func(name string, d stream.Dest) Field) []Field {
	return []Field{field(name+"_to_server", stream.Server), field(name+"_to_client", stream.Client)}
}

func streamFields() []Field {
	fields := []Field{originField(), number("tcpstream", 32, "", "number of the TCP stream", func(r *Record) uint64 { return uint64(r.Stream.ID) })}
	fields = append(fields, ends()...)
	fields = append(fields, unsigned("mptcpstream", "mptcp.stream", 32, "number of the connection that the stream is a subflow of",
		func(r *Record) (uint64, bool) {
			if r.Conn == nil {
				return 0, false
			}
			return uint64(r.Conn.ID), true
		}))
	return append(fields, streamFigures()...)
}

func streamFigures() []Field {
	fields := eachWay("packets", func(name string, d stream.Dest) Field {
		return number(name, 63, "", "packets towards that end", func(r *Record) uint64 { return r.Stream.Toward[d].Packets })
	})
	fields = append(fields, eachWay("bytes", func(name string, d stream.Dest) Field {
		return number(name, 63, "bytes", "payload towards that end, retransmissions included", func(r *Record) uint64 { return r.Stream.Toward[d].Bytes })
	})...)
	fields = append(fields, eachWay("first", func(name string, d stream.Dest) Field {
		return moment(name, "first packet towards that end", func(r *Record) (int64, bool) { return r.Stream.Toward[d].First, r.Stream.Toward[d].Packets > 0 })
	})...)
	fields = append(fields, eachWay("last", func(name string, d stream.Dest) Field {
		return moment(name, "last packet towards that end", func(r *Record) (int64, bool) { return r.Stream.Toward[d].Last, r.Stream.Toward[d].Packets > 0 })
	})...)
	return append(fields,
		flag("syn", "the SYN was captured", func(r *Record) bool { return r.Stream.SYN }),
		flag("synack", "the SYN/ACK was captured", func(r *Record) bool { return r.Stream.SYNACK }),
		flag("fin", "a FIN was seen", func(r *Record) bool { return r.Stream.FIN }),
		flag("rst", "an RST was seen", func(r *Record) bool { return r.Stream.RST }))
}

func connectionFields() []Field {
	fields := []Field{originField(),
		number("mptcpstream", 32, "", "number of the connection", func(r *Record) uint64 { return uint64(r.Conn.ID) }),
		{Name: "aliases", Type: List, Bits: 32, Doc: "further numbers that Wireshark gives to it", List: func(dst []uint64, r *Record) []uint64 { return widen(dst, r.Conn.Aliases) }},
		unsigned("mptcpversion", "", 8, "MPTCP version", func(r *Record) (uint64, bool) { return uint64(r.Conn.Version), r.Conn.Version < 0xff })}
	fields = append(fields, ends()...)
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		fields = append(fields,
			unsigned(endName(d)+"_key", "", 64, "key of that end", func(r *Record) (uint64, bool) { return uint64(r.Conn.End(d).Key), r.Conn.End(d).HasKey }),
			unsigned(endName(d)+"_token", "", 32, "token of that end", func(r *Record) (uint64, bool) { return uint64(r.Conn.End(d).Token), r.Conn.End(d).HasToken }),
			unsigned(endName(d)+"_idsn", "", 64, "initial data sequence number of that end", func(r *Record) (uint64, bool) { return r.Conn.End(d).IDSN, r.Conn.End(d).HasKey }))
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
	fields = append(fields, eachWay("first", func(name string, d stream.Dest) Field {
		return moment(name, "first packet towards that end", func(r *Record) (int64, bool) { return r.Conn.Toward[d].First, r.Conn.Toward[d].Packets > 0 })
	})...)
	return append(fields, eachWay("last", func(name string, d stream.Dest) Field {
		return moment(name, "last packet towards that end", func(r *Record) (int64, bool) { return r.Conn.Toward[d].Last, r.Conn.Toward[d].Packets > 0 })
	})...)
}

func subflowFields() []Field {
	fields := []Field{originField(),
		number("mptcpstream", 32, "", "number of the connection", func(r *Record) uint64 { return uint64(r.Conn.ID) }),
		number("subflow", 32, "", "ordinal in the connection, the initial one is 0", func(r *Record) uint64 { return uint64(r.Place) }),
		number("tcpstream", 32, "", "number of the TCP stream", func(r *Record) uint64 { return uint64(r.Subflow.Stream) })}
	fields = append(fields, ends()...)
	fields = append(fields,
		flag("master", "it carried the MP_CAPABLE exchange", func(r *Record) bool { return r.Subflow.Master }),
		word("mptcpdest", "the end of the connection that it was opened to", func(r *Record) string { return destWord(r.Subflow.Dest) }),
		unsigned("client_addrid", "", 8, "address id of the end that opened it", func(r *Record) (uint64, bool) { return uint64(r.Subflow.ClientAddrID), r.Subflow.HasAddrIDs }),
		unsigned("server_addrid", "", 8, "address id of the other end", func(r *Record) (uint64, bool) { return uint64(r.Subflow.ServerAddrID), r.Subflow.HasAddrIDs }),
		flag("backup", "its latest priority is backup", func(r *Record) bool { return r.Subflow.Backup }),
		flag("established", "it came up", func(r *Record) bool { return r.Subflow.Established }),
		moment("joined", "its SYN, or its first packet", func(r *Record) (int64, bool) { return r.Subflow.Joined, true }),
		unsigned("token", "", 32, "token in its MP_JOIN", func(r *Record) (uint64, bool) { return uint64(r.Subflow.Token), r.Subflow.HasToken }),
		unsigned("reset_reason", "", 8, "reason in its MP_TCPRST", func(r *Record) (uint64, bool) { return uint64(r.Subflow.ResetReason), r.Subflow.ResetReason >= 0 }),
		Field{Name: "synack_hmac", Type: Text, Doc: "what checking the HMAC of its SYN/ACK said", Append: func(dst []byte, r *Record) []byte { return append(dst, r.Subflow.SYNACKHMAC.String()...) }},
		Field{Name: "ack_hmac", Type: Text, Doc: "what checking the HMAC of its third packet said", Append: func(dst []byte, r *Record) []byte { return append(dst, r.Subflow.ACKHMAC.String()...) }})
	return append(fields, streamFigures()...)
}

func issueFields() []Field {
	text := func(name, doc string, of func(*trace.Issue) string) Field {
		return Field{Name: name, Type: Text, Doc: doc, Append: func(dst []byte, r *Record) []byte { return append(dst, of(r.Issue)...) }}
	}
	return []Field{originField(),
		unsigned("packetid", "", 32, "the packet it is about", func(r *Record) (uint64, bool) { return uint64(r.Issue.Packet), r.Issue.Packet > 0 }),
		unsigned("frame", "", 63, "the frame in the file", func(r *Record) (uint64, bool) { return r.Issue.Frame, r.Issue.Frame > 0 }),
		text("layer", "capture, link, ip, tcp or mptcp", func(i *trace.Issue) string { return i.Layer }),
		text("severity", "chat, warning or error", func(i *trace.Issue) string { return [...]string{"chat", "warning", "error"}[min(int(i.Severity), 2)] }),
		text("what", "what is odd", func(i *trace.Issue) string { return i.What }),
		text("section", "the section of the RFC that it rests on", func(i *trace.Issue) string { return i.Section }),
		number("count", 63, "", "how many of its kind there are", func(r *Record) uint64 { return r.Issue.Count }),
	}
}
