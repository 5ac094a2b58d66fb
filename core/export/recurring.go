package export

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Fields that several tables have.

func connectionField() Field {
	return number("mptcpstream", 32, "", "number of the connection", func(r *Record) uint64 { return uint64(r.Conn.ID) })
}

func originField() Field {
	return Field{Name: "capture", Type: Text, Alike: Always, By: trace.ByFlow, Doc: "name of the capture, with as many of its folders as tell it from others of the run",
		Append: func(dst []byte, r *Record) []byte { return append(dst, r.Capture.Name...) }}
}

// destWord is Client, Server, or nothing.
func destWord(d stream.Dest) string {
	if d == stream.DestUnknown {
		return ""
	}
	return d.String()
}

// ofPacket are the fields that tell which packet a row comes from.
func ofPacket() []Field {
	var fields []Field
	packets := &Table{Fields: packetFields()}
	for _, name := range []string{"capture", "packetid", "abstime", "tcpstream", "mptcpstream", "mptcpdest", "client_key", "server_key"} {
		fields = append(fields, *packets.field(name))
	}
	return fields
}

// ends are the addresses and ports of a stream.
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

// moments are the times of the first and the last packet each way; of says how many packets there were, and these times.
func moments(of func(r *Record, towards stream.Dest) (packets uint64, first, last int64)) []Field {
	fields := eachWay("first", func(name string, d stream.Dest) Field {
		return moment(name, "first packet towards that end", func(r *Record) (int64, bool) {
			packets, first, _ := of(r, d)
			return first, packets > 0
		})
	})
	return append(fields, eachWay("last", func(name string, d stream.Dest) Field {
		return moment(name, "last packet towards that end", func(r *Record) (int64, bool) {
			packets, _, last := of(r, d)
			return last, packets > 0
		})
	})...)
}

// streamFigures are what was captured of a stream, or of a subflow's part of one.
func streamFigures() []Field {
	fields := eachWay("packets", func(name string, d stream.Dest) Field {
		return number(name, 63, "", "packets towards that end", func(r *Record) uint64 { return r.Stream.Toward[d].Packets })
	})
	fields = append(fields, eachWay("bytes", func(name string, d stream.Dest) Field {
		return number(name, 63, "bytes", "payload towards that end, retransmissions included", func(r *Record) uint64 { return r.Stream.Toward[d].Bytes })
	})...)
	fields = append(fields, moments(func(r *Record, towards stream.Dest) (packets uint64, first, last int64) {
		d := &r.Stream.Toward[towards]
		return d.Packets, d.First, d.Last
	})...)
	return append(fields,
		flag("syn", "the SYN was captured", func(r *Record) bool { return r.Stream.SYN }),
		flag("synack", "the SYN/ACK was captured", func(r *Record) bool { return r.Stream.SYNACK }),
		flag("fin", "a FIN was seen", func(r *Record) bool { return r.Stream.FIN }),
		flag("rst", "an RST was seen", func(r *Record) bool { return r.Stream.RST }))
}
