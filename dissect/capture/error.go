package capture

import "fmt"

// Problem says why a source is no capture.
type Problem uint8

// Problems.
const (
	Empty       Problem = iota + 1 // not a byte
	TooShort                       // starts as a capture does, and ends within the file header
	NotCapture                     // something else
	Unsupported                    // a capture, of a version or kind that is not read
)

// FormatError says that a source is no capture that can be read, and what it looks like.
type FormatError struct {
	Problem Problem
	Looks   string // "HTML", "a ZIP archive", …; "" if nothing is known about it, or nothing could be unpacked
	Head    []byte // first bytes, some dozen at most
	Inside  string // "gzip" or "zstd": the problem is with what was compressed
}

// Error is one line for people.
func (e *FormatError) Error() string {
	where := ""
	if e.Inside != "" {
		where = " (inside " + e.Inside + ")"
	}
	switch e.Problem {
	case Empty:
		return "empty file" + where
	case TooShort:
		if e.Looks == "" {
			return e.Inside + " data ends before anything could be unpacked"
		}
		return e.Looks + " file cut within its header" + where
	case Unsupported:
		return "cannot read " + e.Looks + where
	}
	head := e.Head[:min(len(e.Head), 16)]
	if e.Looks == "" {
		return fmt.Sprintf("not a capture%s: first bytes are % x", where, head)
	}
	return fmt.Sprintf("not a capture%s: looks like %s (first bytes % x)", where, e.Looks, head)
}

// Cut tells where reading a capture had to stop. All frames before it were delivered.
type Cut struct {
	Frame  uint32 // number the first frame not delivered would have had
	Offset int64  // of the record that could not be read, in the uncompressed file
	Reason string
	Short  bool // the file ends too early; else it is damaged
	Source int  // index of the source, after a Merge
}

// Error is one line for people.
func (c *Cut) Error() string {
	how := "damaged"
	if c.Short {
		how = "cut short"
	}
	return fmt.Sprintf("capture %s at frame %d, byte %d: %s", how, c.Frame, c.Offset, c.Reason)
}
