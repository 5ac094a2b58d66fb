package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

func mappingFields() []Field {
	return append(ofPacket(),
		number("dss_dsn", 64, "bytes", "data sequence number as it stands in the option", func(r *Record) uint64 { return r.Mapping.DSN }),
		unsigned("dsnraw64", "", 64, "data sequence number, 64 bits", (*Record).whole),
		unsigned("dsn", "", 64, "data sequence number, relative", func(r *Record) (uint64, bool) {
			dsn, ok := r.whole()
			e := r.end(r.Row.ConnDest.Other())
			if !ok || e == nil || !e.HasKey {
				return 0, false
			}
			return dsn - e.IDSN, true
		}),
		number("dss_ssn", 32, "bytes", "subflow sequence number", func(r *Record) uint64 { return uint64(r.Mapping.SSN) }),
		number("dss_length", 16, "bytes", "length, 0 for an infinite mapping", func(r *Record) uint64 { return uint64(r.Mapping.Length) }),
		unsigned("checksum", "", 16, "DSS checksum", func(r *Record) (uint64, bool) { return uint64(r.Mapping.Checksum), r.Mapping.Has }))
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

// whole is the mapping's 64-bit number, where the option has 32 bits by that of the packet's payload, or of the sender's other mappings.
func (r *Record) whole() (dsn uint64, ok bool) {
	if r.Mapping.Wide {
		return r.Mapping.DSN, true
	}
	near, ok := r.Row.DSN, r.Row.HasDSN && !r.Row.Low32
	if !ok {
		near, ok = r.nearDSN()
	}
	if !ok {
		return 0, false
	}
	return mptcp.Expand(near, uint32(r.Mapping.DSN)), true
}

// nearDSN is Row's, masked where Row is: by as much as its sender's initial number.
func (r *Record) nearDSN() (dsn uint64, ok bool) {
	dsn, ok = r.Row.NearDSN()
	if !ok || !r.Masked {
		return dsn, ok
	}
	sender := r.Row.ConnDest.Other()
	own, masked := r.Row.End(sender), r.masked[sender]
	if own == nil || masked == nil || !own.HasKey {
		return 0, false
	}
	return dsn + masked.IDSN - own.IDSN, true
}
