package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"

func subflowFields() []Field {
	fields := []Field{originField(),
		connectionField(),
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
