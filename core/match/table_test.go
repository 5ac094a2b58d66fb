package match_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// The table stands between these lines of the README of the captures.
const (
	tableBegin = "<!-- table: written by go test ./core/match -run AccuracyTable -update -->\n"
	tableEnd   = "<!-- end of table -->\n"
	readme     = pairs + "README.md"
)

// TestAccuracyTable holds the README's figures to what is measured now.
func TestAccuracyTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("| scenario | packets in both | matched | wrongly | lost / truth | delays off by, clock given | estimated clock: errors differ by | offset off by | certain interval | drift off by |\n" +
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range names(t) {
		a := measure(t, name)
		lost := fmt.Sprintf("%d / %d", a.lost, a.lostTruth)
		if a.doubtful > 0 {
			lost = fmt.Sprintf("%d to %d / %d", a.lost, a.lost+a.doubtful, a.lostTruth)
		}
		fmt.Fprintf(&b, "| %s | %d | %.1f %% | %d | %s | %.1f µs | %.0f µs | %.2f ms | %.1f ms | %.1f ppm |\n", name, a.delivered,
			float64(a.matched)*100/float64(a.delivered), a.wrong, lost, float64(a.given)/1e3, float64(a.spread)/1e3,
			math.Abs(float64(a.offset))/1e6, float64(a.high-a.low)/1e6, math.Abs(a.drift-a.trueDrift)*1e6)
	}
	file := string(readFile(t, readme))
	head, rest, ok := strings.Cut(file, tableBegin)
	_, tail, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks", readme)
	}
	want := head + tableBegin + b.String() + tableEnd + tail
	if want == file {
		return
	}
	if !coretest.Updating() {
		t.Fatalf("the table is:\n%s", b.String())
	}
	if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
