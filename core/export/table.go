package export

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Table is one of the tables that a capture can be written as.
type Table struct {
	Name   string
	Doc    string
	Fields []Field
	// Usual names the fields written when none are asked for; nil for all.
	Usual []string
	// perRow gives the records of one packet; nil for a table that is known only at the end.
	perRow func(r *Record, emit func(*Record) error) error
	// final gives the records that are known at the end.
	final func(d *trace.Digest, r *Record, emit func(*Record) error) error
}

// Tables lists the tables, packets first. The caller owns the list.
func Tables() []*Table {
	return []*Table{
		{Name: "packets", Doc: "one row a TCP packet", Fields: packetFields(), Usual: usualPacketFields(), perRow: onePacket},
		{Name: "streams", Doc: "one row a TCP stream", Fields: streamFields(), final: eachStream},
		{Name: "connections", Doc: "one row an MPTCP connection", Fields: connectionFields(), final: eachConnection},
		{Name: "subflows", Doc: "one row a subflow of a connection", Fields: subflowFields(), final: eachSubflow},
		{Name: "options", Doc: "one row an MPTCP option", Fields: optionFields(), perRow: eachOption},
		{Name: "mappings", Doc: "one row a DSS mapping, as often as it is announced", Fields: mappingFields(), perRow: eachMapping},
		{Name: "reinjections", Doc: "one row a packet and an earlier packet on another subflow whose bytes it repeats, retransmissions too, as in Wireshark", Fields: reinjectionFields(), perRow: eachReinjection},
		{Name: "issues", Doc: "one row for what is suspicious and alike on a subflow, as the command issues lists it; where the capture was streamed, what the dissection saw", Fields: issueFields(), final: eachIssue},
	}
}

// TableNames lists the names of the tables.
func TableNames() []string {
	var names []string
	for _, t := range Tables() {
		names = append(names, t.Name)
	}
	return names
}

// TableByName finds a table; the error suggests the nearest name.
func TableByName(name string) (*Table, error) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("unknown table %q: %s", name, suggestion(name, TableNames()))
}

// Streams says whether the table's rows come while packets are read, not at the end.
func (t *Table) Streams() bool { return t.perRow != nil }

// field finds a field by its name, or by Wireshark's.
func (t *Table) field(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	for i := range t.Fields {
		if t.Fields[i].Wireshark == name && name != "" {
			return &t.Fields[i]
		}
	}
	return nil
}

func (t *Table) names() []string {
	var names []string
	for i := range t.Fields {
		names = append(names, t.Fields[i].Name)
	}
	return names
}

// suggestion names what is nearest to a word, or all there is.
func suggestion(word string, known []string) string {
	if near := spelling.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "there are " + strings.Join(known, ", ")
}
