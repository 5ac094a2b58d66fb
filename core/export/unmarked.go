package export

import (
	"bufio"
	"io"
)

// Unmarked is text without the byte order mark that editors on Windows put in front.
func Unmarked(r io.Reader) io.Reader {
	const mark = "\uFEFF"
	b := bufio.NewReader(r)
	if begin, err := b.Peek(len(mark)); err == nil && string(begin) == mark {
		_, _ = b.Discard(len(mark)) // it is there
	}
	return b
}
