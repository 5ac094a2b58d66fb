package core

import (
	"bytes"
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/sheet"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Loading is a capture that is being pushed in by chunks, as a page does. One goroutine uses it.
type Loading struct {
	session *Session
	name    string
	size    int64
	loader  *trace.Loader
	begun   bool
	table   []byte // what was fed so far, if it is a table of packets
}

// Begin starts loading a capture that the face will Feed. size is -1 if unknown.
func (s *Session) Begin(name string, size int64) *Loading {
	return &Loading{session: s, name: name, size: size, loader: trace.NewLoader(trace.Options{Size: size})}
}

// Feed pushes the next bytes, which the caller may reuse afterwards. An error ends the loading; what the session held
// before stays.
func (l *Loading) Feed(b []byte) error {
	if !l.begun {
		l.begun = true
		if isText(b[:min(len(b), 4)]) && sheet.Looks(b) {
			l.table = []byte{}
		}
	}
	if l.table != nil {
		l.table = append(l.table, b...)
		return nil
	}
	if err := l.loader.Feed(b); err != nil {
		return l.blame(err)
	}
	return nil
}

// Progress of the loading so far.
func (l *Loading) Progress() display.Progress {
	p := l.loader.Progress()
	p.Bytes += int64(len(l.table))
	return loadProgress(loadingTask(l.name), p, l.size)
}

// Connections lists the first connections, at most so many, as far as they are known by now; total is how many there are.
// nil while nothing is known, and of a table of packets.
func (l *Loading) Connections(most int) (list *display.Table, total int) {
	total = l.loader.Progress().Conns
	if l.table != nil || total == 0 {
		return nil, 0
	}
	return analysis.ConnectionsSoFar(l.loader.SoFar(most)), total
}

// Memory is how many bytes the whole capture will take in memory, by what was read of it so far; 0 while that says nothing.
func (l *Loading) Memory() int64 {
	p := l.loader.Progress()
	if l.size <= 0 || p.Bytes < telling {
		return 0
	}
	taken := float64(p.Kept)*packetBytes + float64(p.Streams)*streamBytes
	return int64(taken * float64(max(l.size, p.Bytes)) / float64(p.Bytes))
}

const (
	// telling is how many bytes of a capture tell what the rest is like.
	telling = 4 << 20
	// packetBytes and streamBytes are what a packet and a TCP stream with its connection take, measured on captures of few
	// and of many connections.
	packetBytes, streamBytes = 62, 2048
)

// Finish closes the capture, makes it the current one and shows what `load` shows.
func (l *Loading) Finish(out Output) error {
	t, err := l.finish()
	if err != nil {
		return l.blame(err)
	}
	files := []string{l.name}
	loaded := &Loaded{Path: pathOf(files), Files: files, Trace: t, Table: l.table != nil}
	l.session.keep(loaded, "")
	return showLoaded(loaded, out)
}

func (l *Loading) finish() (*trace.Trace, error) {
	if l.table == nil {
		return l.loader.Finish()
	}
	l.loader.Close()
	c, err := sheet.Read(bytes.NewReader(l.table))
	if err != nil {
		return nil, err
	}
	return trace.Load(context.Background(), c, trace.Options{Start: &c.Start})
}

// Cancel drops the capture. What was read is forgotten.
func (l *Loading) Cancel() {
	l.loader.Close()
}

func (l *Loading) blame(err error) error {
	return &LineError{Message: fmt.Sprintf("load: %s: %s", l.name, plainError(err)), Err: err}
}
