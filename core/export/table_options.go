package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

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

// standsInOptions says of a packet column whether its numbers stand in options.
func standsInOptions(column string) bool {
	switch column {
	case "sendkey", "recvkey", "recvtok", "datafin", "mptcpversion", "dss_dsn", "dss_rawack", "dss_ssn", "dss_length", "addrid":
		return true
	}
	return false
}

func optionFields() []Field {
	fields := append(ofPacket(),
		number("place", 8, "", "number of the option among those of its packet, from 0", func(r *Record) uint64 { return uint64(r.Place) }),
		number("subtype", 8, "", "subtype of the option", func(r *Record) uint64 { return uint64(r.Option.Subtype()) }),
		word("name", "RFC 8684's name of the subtype", func(r *Record) string { return r.Option.Subtype().String() }),
		number("length", 8, "bytes", "length that the option states", func(r *Record) uint64 { return uint64(r.Option.Stated()) }))
	for _, c := range trace.Columns() {
		if !standsInOptions(c.Name) {
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
