package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Tables whose rows come from a packet's MPTCP options and reinjections.

// ofPacket are the fields that tell which packet a row comes from.
func ofPacket() []Field {
	var fields []Field
	packets := &Table{Fields: packetFields()}
	for _, name := range []string{"capture", "packetid", "abstime", "tcpstream", "mptcpstream", "mptcpdest", "client_key", "server_key"} {
		fields = append(fields, *packets.field(name))
	}
	return fields
}

func eachOption(r *Record, emit func(*Record) error) error {
	for i, o := range r.Row.Options {
		r.Option, r.Place = o, i
		r.single.Options = append(r.single.Options[:0], o)
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// optionColumns are the packet columns whose numbers stand in options.
const optionColumns = " sendkey recvkey recvtok datafin mptcpversion dss_dsn dss_rawack dss_ssn dss_length addrid "

func optionFields() []Field {
	fields := append(ofPacket(),
		number("place", 8, "", "number of the option among those of its packet, from 0", func(r *Record) uint64 { return uint64(r.Place) }),
		number("subtype", 8, "", "subtype of the option", func(r *Record) uint64 { return uint64(r.Option.Subtype()) }),
		word("name", "RFC 8684's name of the subtype", func(r *Record) string { return r.Option.Subtype().String() }),
		number("length", 8, "bytes", "length that the option states", func(r *Record) uint64 { return uint64(r.Option.Stated()) }))
	for _, c := range trace.Columns() {
		if !contains(optionColumns, c.Name) {
			continue
		}
		f := Field{Name: c.Name, Wireshark: c.Field, Unit: c.Unit, Doc: c.Doc, Bits: c.Bits, subtypes: c.Subtypes}
		f.Number = func(r *Record) (uint64, bool) { return c.Uint(r.Context, &r.single) }
		f.Append = func(dst []byte, r *Record) []byte { return c.Append(dst, r.Context, &r.single) }
		if c.Name == "addrid" {
			f.Type, f.Number = List, nil
			f.List = func(dst []uint64, r *Record) []uint64 { return c.Values(dst, &r.single) }
		}
		fields = append(fields, f)
	}
	return append(fields,
		Field{Name: "address", Type: Text, Plain: true, Doc: "address in an ADD_ADDR", Append: appendAddress},
		unsigned("port", "", 16, "port in an ADD_ADDR", func(r *Record) (uint64, bool) {
			if r.Option.Subtype() != mptcp.SubAddAddr {
				return 0, false
			}
			m, _ := mptcp.ParseAddAddr(r.Option, mptcp.VersionUnknown)
			return uint64(m.Port), m.HasPort
		}),
		Field{Name: "text", Type: Text, Doc: "the option in words", Append: func(dst []byte, r *Record) []byte {
			return mptcp.AppendDescription(dst, r.Option, mptcp.VersionUnknown)
		}})
}

func appendAddress(dst []byte, r *Record) []byte {
	if r.Option.Subtype() != mptcp.SubAddAddr {
		return dst
	}
	if m, _ := mptcp.ParseAddAddr(r.Option, mptcp.VersionUnknown); m.Addr.IsValid() {
		return m.Addr.AppendTo(dst)
	}
	return dst
}

func eachMapping(r *Record, emit func(*Record) error) error {
	for i, o := range r.Row.Options {
		d, _ := mptcp.ParseDSS(o)
		if o.Subtype() != mptcp.SubDSS || !d.HasMapping {
			continue
		}
		r.Place = i
		r.Mapping = Mapping{DSN: d.DSN, SSN: d.SSN, Length: d.Length, Checksum: d.Checksum, Has: d.HasChecksum, Wide: d.DSN8}
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// whole is the mapping's 64-bit number, by that of the packet's payload where the option has 32 bits.
func (r *Record) whole() (dsn uint64, ok bool) {
	switch {
	case r.Mapping.Wide:
		return r.Mapping.DSN, true
	case r.Row.HasDSN && !r.Row.Low32:
		return mptcp.Expand(r.Row.DSN, uint32(r.Mapping.DSN)), true
	}
	return 0, false
}

func mappingFields() []Field {
	return append(ofPacket(),
		number("dss_dsn", 64, "bytes", "data sequence number as it stands in the option", func(r *Record) uint64 { return r.Mapping.DSN }),
		unsigned("dsnraw64", "", 64, "data sequence number, 64 bits", (*Record).whole),
		unsigned("dsn", "", 64, "data sequence number, relative", func(r *Record) (uint64, bool) {
			dsn, ok := r.whole()
			return r.Row.RelDSN + dsn - r.Row.DSN, ok && r.Row.HasRelDSN
		}),
		number("dss_ssn", 32, "bytes", "subflow sequence number", func(r *Record) uint64 { return uint64(r.Mapping.SSN) }),
		number("dss_length", 16, "bytes", "length, 0 for an infinite mapping", func(r *Record) uint64 { return uint64(r.Mapping.Length) }),
		unsigned("checksum", "", 16, "DSS checksum", func(r *Record) (uint64, bool) { return uint64(r.Mapping.Checksum), r.Mapping.Has }))
}

func eachReinjection(r *Record, emit func(*Record) error) error {
	for i := range r.Row.ReinjectionOf {
		r.Place = i
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

func reinjectionFields() []Field {
	packets := &Table{Fields: packetFields()}
	return append(ofPacket(),
		number("reinjection_of", 32, "", "the earlier packet, on another subflow", func(r *Record) uint64 { return uint64(r.Row.ReinjectionOf[r.Place]) }),
		*packets.field("tcplen"), *packets.field("dsn"), *packets.field("dsnraw64"))
}

// appendList is the text form of a list of numbers.
func appendList[T uint32 | uint64](dst []byte, list []T) []byte {
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUint(dst, uint64(v))
	}
	return dst
}
