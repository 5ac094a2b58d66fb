package main

import (
	"fmt"
	"io"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// progressLine is a line on standard error that replaces itself.
type progressLine struct {
	shown time.Time
	width int
}

// progress makes the function that tells how far a capture was read; nil if nobody wants to know.
func (w *work) progress(name string, size int64) func(trace.Progress) {
	if !w.args.progress {
		return nil
	}
	return func(p trace.Progress) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if time.Since(w.line.shown) < 200*time.Millisecond {
			return
		}
		w.line.shown = time.Now()
		text := fmt.Sprintf("%s: %d packets, %d MB", name, p.Frames, p.Bytes>>20)
		if size > 0 {
			text += fmt.Sprintf(", %d %%", 100*p.Bytes/size)
		}
		fmt.Fprintf(w.stderr, "\r%-*s", w.line.width, text)
		w.line.width = len(text)
	}
}

// end takes the line away.
func (l *progressLine) end(out io.Writer) {
	if l.width > 0 {
		fmt.Fprintf(out, "\r%-*s\r", l.width, "")
		l.width = 0
	}
}
