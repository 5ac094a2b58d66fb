// Package core is the command language over loaded captures: the one door that the terminal, the Jupyter kernel and the
// page go through.
//
// A face makes a Session with the Options by which it reaches files, and calls
//
//   - Session.Run with a cell and an Output: blocks of package display arrive as they come;
//   - Session.Complete, Inspect and Check, also while Run runs;
//   - Session.Begin to push a capture in by chunks, where files cannot be opened by name.
//
// Run splits lines into words (words.go), finds the command (commands.go), gives each word to a parameter (args.go) and
// runs it with a Call (call.go). Commands never print and never format: they show tables, charts, texts and notes, and the
// face picks the renderers.
//
// To add a command: one file with one Command literal, one line in commands.go, one session script in
// testdata/script. To add an analysis: one file in core/analysis.
package core
