package trace

// Type is a column's value type.
type Type uint8

// Value types of columns. Unsigned covers keys, tokens and sequence numbers up to 64 bits, always exact.
const (
	Unsigned Type = iota
	Nanoseconds
	Text
	List // comma separated unsigned numbers
)

// Column describes one packet column: the one home of its name, type, unit, label and text form.
type Column struct {
	Name   string // short name of the original: "dsn"
	Field  string // Wireshark's field: "mptcp.dsn"
	Label  string // for axes: "Data sequence number"; empty if it makes no sense to plot
	Unit   string // "bytes", "s", ""
	Type   Type
	Doc    string
	Append func(dst []byte, t *Context, r *Row) []byte  // text form, byte for byte as tshark prints it; nothing when absent
	Uint   func(t *Context, r *Row) (v uint64, ok bool) // exact number; nil for text and lists
}

// Context is what a row's text form needs beside the row.
type Context struct {
	Interfaces []Interface
}
