package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"

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
