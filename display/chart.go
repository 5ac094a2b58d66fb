package display

// Chart is one drawing on a time (or value) axis. It keeps every point; a renderer asks Reduce for what fits a window
// and a width in pixels. Numbers are offsets from the axis' base, so that 64-bit sequence numbers stay exact.
type Chart struct {
	ID       string // stable for the same command on the same capture
	Title    string // "Data sequence numbers · connection 0"
	Subtitle string // "both directions · two-path.pcapng"
	Command  string // the command that draws it
	X, Y     Axis
	Series   []Series
	Notes    []string // what is missing or cut, said under the chart
}

// Axis of a chart.
type Axis struct {
	Label string // "Time", "Data sequence number"
	Unit  Unit   // how offsets are scaled for people
	Base  uint64 // what offset 0 stands for (an absolute sequence number, or ns since the epoch)
}

// Mark is how a series is drawn.
type Mark uint8

// Marks, by what they mean (the signs are in the look of the house).
const (
	Line       Mark = iota // points joined
	Steps                  // a level that holds until the next point: data acks, windows
	Dots                   // one dot a packet
	Segments               // a vertical span from Y to Y2: a segment or a mapping
	Retransmit             // ×
	Reinject               // ◆ in the colour of Group, which is the subflow copied from
	Event                  // a labelled sign: SYN, FIN, RST, ADD_ADDR …; Labels says which
	Bars                   // histogram
)

// Series is one set of points of one mark. X ascends for Line and Steps.
type Series struct {
	Name   string
	Group  int  // subflow ordinal (colour), -1 for the connection as a whole
	Dashed bool // travels towards the client
	Thin   bool // data acks, window edges
	Mark   Mark
	X      []int64 // offset from the X axis' base, in its unit (ns for time)
	Y      []float64
	Y2     []float64 // end of a span, for Segments
	Packet []uint32  // packet id of each point, or nil
	Labels []string  // for Event
}
