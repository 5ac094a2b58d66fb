// Package display is the model of what a command answers: tables, charts, text, notes and files, with typed values and
// units. It knows no library and no format; a face picks the renderers (display/text, html, echarts, image).
package display

// Block is one part of an answer. The set is closed: *Table, *Chart, *Text, *Note, *File, *Clear.
type Block interface{ block() }

// Page is an answer: blocks in the order in which they are read.
type Page []Block

// Text is prose, or help. Pre keeps line breaks and blanks as they are.
type Text struct {
	Title string
	Body  string
	Pre   bool
	Pager bool // long: a terminal pages it, a notebook puts it in its help pane
}

// Level says how much a note matters.
type Level uint8

// Levels of notes.
const (
	Info Level = iota
	Caution
)

// Note is a remark about an answer: what is missing and why, what was cut.
type Note struct {
	Level Level
	Body  string
}

// File is something to be saved or downloaded. A face gives it to the user by its own means. Exactly one of Write,
// Chart and Table is set; the latter two are rendered by the face in the format that the name's extension says.
type File struct {
	Name  string
	Chart *Chart
	Table *Table
	Write func(w Writer) error
}

// Writer is io.Writer; declared here so that the model imports nothing.
type Writer interface{ Write(p []byte) (int, error) }

// Clear takes away what the cell or screen shows; with Wait, only when the next block comes, so that nothing flickers. A
// face that writes a stream (a file, a pipe) has nothing to take away.
type Clear struct{ Wait bool }

// Progress tells how far long work has come. It replaces the progress before it.
type Progress struct {
	Task  string // "reading two-path.pcapng"
	Done  int64  // of Total, in Unit
	Total int64  // 0: unknown
	Unit  Unit
	Note  string // "12 345 packets, 3 connections"
	End   bool   // the work is over, take the progress away
	// Page, if set, is what is known so far, to be shown in place of a bar and replaced by the next one.
	Page Page
}

func (*Table) block() {}
func (*Chart) block() {}
func (*Text) block()  {}
func (*Note) block()  {}
func (*File) block()  {}
func (*Clear) block() {}
