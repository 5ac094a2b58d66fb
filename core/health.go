package core

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var healthCommand = Command{
	Name:    "checkhealth",
	Summary: "check that the program has what it needs, and how good the capture is",
	Help: `One row a check. Nothing else needs to be installed: captures are dissected without tshark. Of the current capture it says
what was left out, whether it is cut, and how much of MPTCP it shows.`,
	Examples: []Example{{"checkhealth", "check everything"}},
	Params:   listing(),
	Run: func(_ context.Context, c *Call) error {
		checks := append(programChecks(c.Session), captureChecks(c.current)...)
		return c.showTable(&Loaded{}, &display.Table{
			Name: "health", Title: "Health", Rows: len(checks),
			Columns: []display.Column{
				{Key: "check", Head: "Check", Doc: "what was looked at"},
				{Key: "state", Head: "State", Doc: "good, warning or bad"},
				{Key: "finding", Head: "Finding", Wide: true, Doc: "what was found"},
			},
			Cell: func(row, col int) display.Value {
				return display.Str([]string{checks[row].what, checks[row].state, checks[row].finding}[col])
			},
		})
	},
}

// check is one finding about the program or a capture.
type check struct{ what, state, finding string }

// States of checks.
const (
	good    = "good"
	warning = "warning"
	bad     = "bad"
)

func programChecks(s *Session) []check {
	checks := []check{
		{"program", good, fmt.Sprintf("version %s on %s/%s", version, runtime.GOOS, runtime.GOARCH)},
		{"tshark", good, "not needed"},
		keyCheck(),
		{"files", good, "captures are opened by name"},
		{"cache", good, "dissected captures are kept between runs"},
	}
	if s.options.Open == nil {
		checks[3] = check{"files", warning, noFiles}
	}
	if s.options.Cache == nil {
		checks[4].finding = "none here"
	}
	for _, e := range s.settings.All() {
		if e.Gone != "" && e.Origin != "default" {
			checks = append(checks, check{"setting " + e.Name, warning, fmt.Sprintf("no longer needed: %s (%s)", e.Gone, e.Origin)})
		}
	}
	return checks
}

// keyCheck derives a token and an initial data sequence number from a key, whose values are known (SHA-256 of eight zero
// bytes, RFC 8684 section 3.1; SHA-1, RFC 6824).
func keyCheck() check {
	token1, token0 := mptcp.Key(0).Token(1), mptcp.Key(0).Token(0)
	if token1 != 0xaf5570f5 || token0 != 0x05fe4057 {
		return check{"keys", bad, "tokens are computed wrongly: this build is broken"}
	}
	return check{"keys", good, "tokens of both versions are computed rightly"}
}

// captureChecks tell how good a capture is.
func captureChecks(l *Loaded) []check {
	if l == nil {
		return []check{{"capture", good, "none is loaded"}}
	}
	c := &l.Trace.Capture
	checks := []check{{"capture", good, strings.TrimSuffix(loadedSentence(l), ".")}}
	if c.Cut != nil {
		checks = append(checks, check{"end of the capture", bad, "cut: " + c.Cut.Error()})
	}
	if n := analysis.OptionsCut(l.Trace); n > 0 {
		checks = append(checks, check{"TCP options", warning, fmt.Sprintf("cut by the capture in %s: MPTCP may not be seen", display.Count(n, "packet"))})
	}
	if faults := countIssues(l.Trace); faults > 0 {
		checks = append(checks, check{"packets", warning, display.Count(faults, "suspicious packet")})
	}
	missing, fallen, verdicts := 0, 0, analysis.NewDiagnoses(l.Trace)
	for i := range l.Trace.Conns {
		if !l.Trace.Conns[i].Handshake {
			missing++
		}
		if verdicts.Of(i).Fallback() != "" { // as lc has it
			fallen++
		}
	}
	if n := uint64(len(l.Trace.Conns)); missing > 0 {
		checks = append(checks, check{"handshakes", warning, fmt.Sprintf("missing of %s of %s: keys are unknown, numbers not relative", display.Whole(missing), display.Count(n, "connection"))})
	}
	if n := uint64(len(l.Trace.Conns)); fallen > 0 {
		checks = append(checks, check{"MPTCP", warning, fmt.Sprintf("%s of %s did not become MPTCP, or did not stay it (lc says why)", display.Whole(fallen), display.Count(n, "connection"))})
	}
	return checks
}

// countIssues adds up the warnings and errors of a capture.
func countIssues(t *trace.Trace) uint64 {
	var n uint64
	seen := map[string]bool{}
	for i := range t.Issues {
		issue := &t.Issues[i]
		if issue.Severity == trace.Chat || seen[issue.What] {
			continue
		}
		seen[issue.What] = true
		n += issue.Count
	}
	return n
}
