package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// sniffed is how many bytes tell a capture from something else.
const sniffed = 1 << 16

// IsCapture says whether a file is something to load, told by its content, or by its name where it is a table of packets.
func IsCapture(name string) bool {
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".csv" || ext == ".tsv" {
		return true
	}
	f, err := os.Open(ExpandHome(name))
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, sniffed))
	if err != nil {
		return false
	}
	r := capture.NewReader(func(*capture.Frame) error { return nil })
	err = r.Feed(head)
	if len(head) < sniffed {
		err = errors.Join(err, r.Finish())
	}
	var wrong *capture.FormatError
	return !errors.As(err, &wrong)
}
