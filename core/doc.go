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
// # Reading order
//
//   - run.go: the way of a line. session.go, output.go: what a session holds, and what a face gives it.
//   - command.go, param.go, commands.go: what a command is, its parameters, the list. Its file is called after it, or after what
//     it shares with a close one: lc, ls, lt and li stand in list.go, map_tcp and unmapped in map.go.
//   - call.go, subject.go, listing.go: what commands ask, and how they answer.
//   - plot.go, plot_type.go, plot_request.go: charts; each type stands in a plot_TYPE.go.
//   - complete.go, hint.go, help.go: what is derived from the literals. plugins.go, cached.go, redirect.go: what only native faces have.
//
// CONTRIBUTING.md says how a command, an analysis or a chart is added.
package core
