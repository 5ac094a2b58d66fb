package core

import (
	"context"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Output receives an answer block by block, as it comes. Each face has one.
type Output interface {
	// Show delivers one block of the answer. An error (a closed pipe) ends the command.
	Show(b display.Block) error
	// Progress replaces the progress shown before; it may be called from any goroutine while Run runs.
	Progress(p display.Progress)
	// Ask puts a question to the user; ErrNoInput where nobody can be asked.
	Ask(ctx context.Context, prompt string) (string, error)
}

// Source is an opened capture.
type Source struct {
	io.ReadCloser
	Size int64 // -1 unknown
	// Ended says why nothing more will come after so many bytes, though somebody may still write: the file was cut, another
	// one has its name. Nil is a source that cannot tell.
	Ended func(read int64) error
}

// noFiles is what is said where Options.Open is nil.
const noFiles = "no file can be opened here"

// Options say how a face reaches the outside. A nil function is a face that cannot.
type Options struct {
	// Open opens a capture by the name that the user typed.
	Open func(name string) (Source, error)
	// Paths lists names that begin with prefix, for completion; folders end in "/".
	Paths func(prefix string) []string
	// Styles are the folders where --style finds a style file by its name alone.
	Styles []string
	// Redirect opens where the answer of a command goes instead of to out: a file, a program.
	Redirect func(ctx context.Context, r Redirection, out Output) (Redirect, error)
	// Shell runs a line of the system's shell, after "!".
	Shell func(ctx context.Context, line string, out Output) error
	// Instead is told to who asks for what the face cannot do.
	Instead Instead
	// Live captures from network interfaces; nil where that cannot be done.
	Live Live
	// Commands are added to the built-in ones: those of plugins.
	Commands []*Command
	// Cache keeps dissected captures from one run to the next; nil keeps none.
	Cache Cache
	// Settings are what the user chose; nil is the defaults.
	Settings *Settings
	// Formats are what export can write besides text: those that need a library.
	Formats []export.Format
}

// Instead is what the users of a face do instead of what it cannot; "" says nothing of it.
type Instead struct {
	Open     string // where no file has the name: how captures come to the face
	Redirect string // where an answer is to go into a file or to a program
}

// Completion is what can stand at the cursor. Start and End are byte offsets of the word to be replaced.
type Completion struct {
	Start, End int
	Items      []Item
}

// Item is one completion.
type Item struct {
	Text  string // replaces Start…End
	Type  string // "command", "option", "connection", "stream", "field", "path", "value"
	Doc   string // one line
	Space bool   // a blank may follow
}

// Status says whether a cell can be run as it stands.
type Status uint8

// States of a cell.
const (
	Complete   Status = iota // run it
	Incomplete               // a quote is open or a line goes on
	Invalid                  // it can never be run
)

// LineError is an error of one line of a cell; it knows the word that is wrong.
type LineError struct {
	Line       int    // 1… in the cell
	Text       string // that line
	Start, End int    // byte offsets of the offending word in Text; equal when no word is to blame
	Message    string // what and what would be right: `plot: unknown field "dsnn"`
	Suggestion string // "did you mean dsn?", or empty
	Usage      string // one line of usage, or empty
	Misuse     bool   // the words were wrong, nothing was tried
	Err        error  // the cause, or nil
	help       bool   // no error: the command is to be explained
}

// Error is the message with its suggestion on one line.
func (e *LineError) Error() string {
	if e.Suggestion != "" {
		return e.Message + ": " + e.Suggestion
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }
