package main

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// account is what a capture was found to hold.
type account struct {
	*trace.Digest
	issues []export.Issue
	looked bool // at the issues
}

func (a *account) tally(name string) (t tally) {
	t.read = a.Capture.Frames
	t.issues, _ = export.CountIssues(a.issues)
	t.unseen = !a.looked
	if a.Capture.Cut != nil {
		t.warnings = append(t.warnings, fmt.Sprintf("%s is cut: %v", name, a.Capture.Cut))
	}
	return t
}

// strict is an error if the capture has issues of warning or error.
func (a *account) strict() error {
	n, first := export.CountIssues(a.issues)
	switch {
	case n == 0:
		return nil
	case first.Packet == 0:
		return fmt.Errorf("%s, the gravest: %s (--strict)", counted(n, "issue"), first.What)
	}
	return fmt.Errorf("%s, the gravest at packet %d: %s (--strict)", counted(n, "issue"), first.Packet, first.What)
}

// thorough says whether captures are loaded whatever their size, as only then all issues are known.
func (w *work) thorough() bool {
	return !w.args.onePass && (w.args.strict || slices.Contains(w.args.tables, "issues"))
}

// fewPackets is up to how many a loaded capture is looked through for issues also where only their number is told: that takes less
// than a tenth of a second.
const fewPackets = 100_000
