package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Session is one user's work: the captures loaded and the settings. Run is called by one goroutine at a time; Complete,
// Inspect and Check may be called meanwhile.
type Session struct {
	options Options
}

// New starts a session.
func New(o Options) *Session { return &Session{options: o} }

// Run runs a cell: lines of the command language. It stops at the first error, a *LineError.
func (s *Session) Run(ctx context.Context, cell string, out Output) error { return nil }

// Complete gives what can stand at the cursor, a byte offset into text.
func (s *Session) Complete(text string, cursor int) Completion { return Completion{} }

// Inspect gives the help for what stands at the cursor, a byte offset into text; false if there is none.
func (s *Session) Inspect(text string, cursor int) (display.Page, bool) { return nil, false }

// Check says whether text can be run as it stands.
func (s *Session) Check(text string) Status { return Complete }

// Loading is a capture that is being pushed in by chunks, as a page does. See Session.Begin.
type Loading struct{}

// Begin starts loading a capture that the face will Feed. size is -1 if unknown.
func (s *Session) Begin(name string, size int64) *Loading { return nil }

// Feed pushes the next bytes. An error ends the loading; what the session held before stays.
func (l *Loading) Feed(b []byte) error { return nil }

// Progress of the loading so far.
func (l *Loading) Progress() display.Progress { return display.Progress{} }

// Finish closes the capture, makes it the current one and shows what `load` shows.
func (l *Loading) Finish(out Output) error { return nil }

// Cancel drops it.
func (l *Loading) Cancel() {}
