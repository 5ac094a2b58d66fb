package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// result is what can become of a connection.
type result struct {
	said string
	of   func(d Diagnosis) bool
}

// outcomes are the results; a connection's is the first that holds.
var outcomes = []result{
	{"came to nothing", Diagnosis.stillborn},
	{"fell back to TCP", Diagnosis.plain},
	{"cannot be told, as the handshake was not captured", func(d Diagnosis) bool { return d == NotCaptured }},
	{"stayed MPTCP", func(Diagnosis) bool { return true }},
}

// RankTotals say what became of the connections of a capture: how many stayed MPTCP, how many did not and why, in the words
// of their verdicts.
func RankTotals(list []Ranked) string {
	var count [NumDiagnoses]int
	bytes := uint64(0)
	for i := range list {
		bytes += list[i].Bytes
		count[list[i].Diagnosis]++
	}
	var said []string
	for i := len(outcomes) - 1; i >= 0; i-- {
		if text := outcomeText(i, &count); text != "" {
			said = append(said, text)
		}
	}
	return fmt.Sprintf("%s, %s of data: %s.", display.Count(len(list), "connection"), display.Scaled(float64(bytes), display.Bytes), strings.Join(said, "; "))
}

// outcomeText writes "3 fell back to TCP (2 infinite mapping, 1 server without MPTCP)", nothing where none did.
func outcomeText(outcome int, count *[NumDiagnoses]int) string {
	total, why := 0, []Diagnosis{}
	for d := range NumDiagnoses {
		if count[d] == 0 || slices.IndexFunc(outcomes, func(o result) bool { return o.of(d) }) != outcome {
			continue
		}
		if total += count[d]; d != Healthy && d != NotCaptured {
			why = append(why, d)
		}
	}
	if total == 0 {
		return ""
	}
	text := display.Whole(total) + " " + outcomes[outcome].said
	if len(why) == 0 {
		return text
	}
	slices.SortStableFunc(why, func(a, b Diagnosis) int { return cmp.Compare(count[b], count[a]) })
	reasons := make([]string, len(why))
	for i, d := range why {
		reasons[i] = display.Whole(count[d]) + " " + d.what()
	}
	return text + " (" + strings.Join(reasons, ", ") + ")"
}
