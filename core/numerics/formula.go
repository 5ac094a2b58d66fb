package numerics

// RFC6182 are the receive buffers that RFC 6182 section 5.3 asks for.
type RFC6182 struct {
	MaxRTT int64   // µs
	Fast   float64 // 2·Σ throughput·max RTT: survives fast retransmissions on all subflows
	MaxRTO int64   // µs
	RTO    float64 // Σ throughput·max RTO: survives a timeout on the slowest
}

// Buffers computes the receive buffers of RFC 6182.
func (t *Topology) Buffers() (b RFC6182) {
	rate := 0.0
	for i := range t.Subflows {
		s := &t.Subflows[i]
		b.MaxRTT, b.MaxRTO = max(b.MaxRTT, s.RTT()), max(b.MaxRTO, s.Timeout())
		rate += s.Throughput()
	}
	b.Fast = 2 * rate * float64(b.MaxRTT) / 1e6
	b.RTO = rate * float64(b.MaxRTO) / 1e6
	return b
}

// Sizes of options on the wire as the original counts them, in bytes.
const (
	CapableExchange = 12 + 12 + 24 // MP_CAPABLE on SYN, SYN/ACK and ACK
	JoinExchange    = 12 + 16 + 24 // MP_JOIN on SYN, SYN/ACK and ACK
	dssBase         = 4
)

// DSSForm is what a DSS carries: 0, 32 or 64 bits of ack, 0, 32 or 64 of data sequence number, a checksum.
type DSSForm struct {
	Ack, DSN int
	Checksum bool
}

// Size is how many bytes it takes, by the original's count: 4, the ack's, 4 and the number's for a mapping, 2 for the
// checksum.
func (d DSSForm) Size() int {
	size := dssBase + d.Ack/8
	if d.DSN > 0 {
		size += 4 + d.DSN/8
	}
	if d.Checksum {
		size += 2
	}
	return size
}

// Overhead is what the options of a connection take, in bytes.
type Overhead struct {
	Constant int64   // for opening all subflows and for the last DSS
	Variable float64 // for acks and mappings
	Data     int64   // application bytes that they carry
}

// Share is the overhead beside the data, as a part of it.
func (o Overhead) Share() float64 {
	if o.Data == 0 {
		return 0
	}
	return (float64(o.Constant) + o.Variable) / float64(o.Data)
}

// coverage is how many bytes a mapping covers, where nothing else is said.
const coverage = 1500

// Overhead computes what the options take when each subflow carries so many bytes: a data ack for each segment, a mapping
// for each 1500 bytes. The first subflow is opened by MP_CAPABLE (RFC 8684, section 3.1), the others by joins, so that there
// is one join fewer than subflows.
func (t *Topology) Overhead(bytes []int64, f DSSForm) (o Overhead) {
	ack := DSSForm{Ack: f.Ack}.Size()
	mapping := DSSForm{DSN: f.DSN, Checksum: f.Checksum}.Size()
	o.Constant = int64(CapableExchange + f.Size() + JoinExchange*(len(t.Subflows)-1))
	for i, n := range bytes {
		o.Data += n
		o.Variable += float64(ack)*float64(n)/float64(t.Subflows[i].MSS) + float64(mapping)*float64(n)/coverage
	}
	return o
}
