package display

// Unit is what a number counts. Values stay raw; renderers scale them for people and leave them alone for machines.
type Unit uint8

// Units.
const (
	None Unit = iota
	Bytes
	BytesPerSecond
	BitsPerSecond
	Packets
	Nanoseconds // a time or a span in ns, shown as s, ms, µs
	SequenceNumber
	Ratio // 0…1, shown as per cent
)
