package display

// Form is how a table is written.
type Form uint8

// Forms of tables.
const (
	AsGrid   Form = iota // as the face shows tables
	AsPeople             // the same, with numbers scaled for people wherever the face writes them exactly
	AsCSV                // for machines: stable keys, raw numbers
	AsJSON               // for machines: one object a row, exact integers
)

// Table is rows that are fetched when they are drawn: a lazy provider over columns, never a pile of strings.
type Table struct {
	Name    string // stable, for exports: "connections"
	Title   string // "MPTCP connections"
	Command string // the command that makes it
	Source  string // the capture
	Columns []Column
	Rows    int
	// Cell gives the value at row, column. It is safe for use by several goroutines and stays valid with the session.
	Cell func(row, col int) Value
	// Open, if set, is the command that shows a row more closely: "ls 0".
	Open func(row int) string
	// Empty is what to say when there are no rows.
	Empty string
	// All is a command that writes every row, said by faces that show only the first MostRows.
	All string
	// Form is what the command was asked for.
	Form Form
}

// MostRows is how many rows of a table a face shows that cannot scroll through all of them.
const MostRows = 1000

// Machine says whether the table was asked for in a form for machines, which every face shows as plain text.
func (t *Table) Machine() bool { return t.Form == AsCSV || t.Form == AsJSON }

// AllRows is the command that writes every row, or empty where there is none.
func (t *Table) AllRows() string { return t.All }

// Column describes one column of a table.
type Column struct {
	Key  string // stable name for machines: "bytes_to_server"
	Head string // "To server"
	Unit Unit
	Doc  string
	// Share marks a number between 0 and 1 that is drawn with a bar behind it.
	Share bool
	// Exact shows integers as they are, never scaled: ids, ports, sequence numbers.
	Exact bool
	// Big marks numbers that may need all of 64 bits, such as keys and data sequence numbers: JSON writes every one of
	// them as a string, so that a reader finds one type, and loses no digit to floating point.
	Big bool
	// Wide is text that may be long: addresses, verdicts. It is cut last.
	Wide bool
	// Origin is the moment, in ns since the epoch, from which the column's times are counted for people; 0 shows the
	// time of day. Exact and machine forms are always absolute.
	Origin int64
}
