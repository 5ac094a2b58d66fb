package export

func reinjectionFields() []Field {
	packets := &Table{Fields: packetFields()}
	return append(ofPacket(),
		number("reinjection_of", 32, "", "the earlier packet, on another subflow", func(r *Record) uint64 { return uint64(r.Row.ReinjectionOf[r.Place]) }),
		*packets.field("tcplen"), *packets.field("dsn"), *packets.field("dsnraw64"))
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
