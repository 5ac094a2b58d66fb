package trace

import (
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/snapshot"
)

// savedTypes are what the interfaces of a Trace hold.
func savedTypes() snapshot.Types { return snapshot.Types{(*capture.Cut)(nil)} }

// Save writes the trace whole, so that Restore makes the same again. What is written is only read by a program with the
// same Layout, and must reach it undamaged: both are the caller's to check. Errors are those of w.
func (t *Trace) Save(w io.Writer) error {
	return snapshot.Write(w, t, savedTypes())
}

// Restore makes the trace again that Save wrote, from size bytes. It fails with an error of r, or where the bytes do not fit together.
func Restore(r io.Reader, size int64) (*Trace, error) {
	var t *Trace
	if err := snapshot.Read(r, &t, savedTypes(), size); err != nil {
		return nil, err
	}
	return t, nil
}

// Layout is a number of how traces lie in memory, and so in what Save writes.
func Layout() uint64 { return snapshot.Layout((*Trace)(nil), savedTypes()) }
