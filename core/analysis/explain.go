package analysis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Explanation is what there is to say of a connection.
type Explanation struct {
	Verdict string         // one sentence with its evidence, then one for each further finding
	Pace    string         // what limited the throughput, a sentence a direction; empty where nothing can be said
	Life    *display.Table // what happened, in order
	Found   *display.Table // the findings, for machines
	Next    *display.Table // commands to look closer
	Cure    string         // what would mend it, a sentence; empty where nothing is wrong
}

// Explain tells a connection's life.
func Explain(ctx context.Context, t *trace.Trace, c *conn.Conn) (*Explanation, error) {
	e := examine(t, c)
	all := e.findings()
	var sentences, pace []string
	var rows []findingRow
	var alike [NumDiagnoses]int
	for i := range all {
		s := e.sentence(&all[i])
		if i > 0 {
			s = "Besides: " + strings.TrimPrefix(strings.TrimPrefix(s, "MPTCP, "), "but ")
		}
		rows = append(rows, findingRow{all[i], c, s})
		if alike[all[i].Diagnosis]++; alike[all[i].Diagnosis] <= maxAlike {
			sentences = append(sentences, s)
		}
	}
	for d, n := range alike {
		if n > maxAlike {
			sentences = append(sentences, fmt.Sprintf("And %s more: %s.", display.Whole(n-maxAlike), Diagnosis(d)))
		}
	}
	limits, err := limitsOf(ctx, t, c)
	if err != nil {
		return nil, err
	}
	if all[0].Diagnosis == CutOff {
		limits = nil // its times go on after the end
	}
	for _, l := range limits {
		pace = append(pace, l.sentence(c))
	}
	dead := e.silences()
	still := e.standstills(dead)
	out := &Explanation{Verdict: strings.Join(sentences, "\n"), Pace: strings.Join(pace, "\n"), Life: e.lifeTable(all, dead, still),
		Found: findingsTable(t, rows), Next: nextTable(e.next(all, limits, len(dead) > 0 || standingOf(still)))}
	if cure := all[0].mend(); cure != "" {
		out.Cure = strings.ToUpper(cure[:1]) + cure[1:] + "."
	}
	return out, nil
}

// maxAlike is how many findings of one kind are told in full.
const maxAlike = 3

// sentence writes a finding with its evidence.
func (e *examination) sentence(f *Finding) string {
	at := ""
	if f.Packet() != 0 {
		at = " at " + packetName(e.t, f.Packet())
	}
	switch d := f.Diagnosis; {
	case d == Healthy:
		return fmt.Sprintf("%s: %s (%s).", e.manner(), f.Because, packetList(f.Packets))
	case d == NotCaptured:
		return fmt.Sprintf("Cannot tell how it began, %s: %s.", d.what(), f.Because)
	case d.stillborn():
		return fmt.Sprintf("Not established%s, %s: %s.", at, d.what(), f.Because)
	case d == NotAsked:
		return fmt.Sprintf("This is %s%s: %s.", d.what(), at, f.Because)
	case d == StrippedSYN:
		return fmt.Sprintf("Plain TCP%s: %s.", at, f.Because)
	case d.plain() && d.Open():
		return fmt.Sprintf("Fell back to TCP%s, %s; why cannot be told from this capture: %s.", at, d.what(), f.Because)
	case d.plain():
		return fmt.Sprintf("Fell back to TCP%s, %s: %s.", at, d.what(), f.Because)
	case d == FastClosed:
		return fmt.Sprintf("MPTCP, %s%s: %s.", d.what(), at, f.Because)
	case f.Ordinal >= 0 && (d == SubflowChecksum || d == SubflowStripped || d == SubflowReset || d == SubflowRebound):
		return fmt.Sprintf("MPTCP, without subflow %d from then on: %s%s: %s.", e.c.Subflows[f.Ordinal].Stream, d.what(), at, f.Because)
	case d == AcksBare:
		return fmt.Sprintf("MPTCP, but %s on subflow %d%s: %s.", d.what(), e.c.Subflows[f.Ordinal].Stream, at, f.Because)
	case f.Ordinal >= 0:
		return fmt.Sprintf("MPTCP, but subflow %d came to nothing%s, %s: %s.", e.c.Subflows[f.Ordinal].Stream, at, d.what(), f.Because)
	default:
		return fmt.Sprintf("MPTCP, but %s%s: %s.", d.what(), at, f.Because)
	}
}

// manner is "MPTCP version 1 over 2 subflows, with DSS checksums", or less where less is known.
func (e *examination) manner() string {
	text := "MPTCP"
	if e.c.Version <= 1 {
		text += fmt.Sprintf(" version %d", e.c.Version)
	}
	text += " over " + display.Count(len(e.c.Subflows), "subflow")
	if e.c.Checksum {
		text += ", with DSS checksums"
	}
	return text
}

// packetList writes "packets 1, 2 and 3".
func packetList(ids []uint32) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}
	switch len(words) {
	case 0:
		return "no packet"
	case 1:
		return "packet " + words[0]
	default:
		return "packets " + enumerated(words)
	}
}

// enumerated writes "1, 2 and 3" of at least two words.
func enumerated(words []string) string {
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " and " + words[n]
}

// lookup is a command that looks closer.
type lookup struct{ command, what string }

// next lists what to look at, the most telling first.
func (e *examination) next(all []Finding, limits []*limits, tookOver bool) (steps []lookup) {
	add := func(what, format string, a ...any) {
		s := lookup{fmt.Sprintf(format, a...), what}
		if !slices.ContainsFunc(steps, func(had lookup) bool { return had.command == s.command }) {
			steps = append(steps, s)
		}
	}
	id := e.c.ID
	if tookOver {
		add("when a subflow fell silent, which one took over, and how long delivery stood still", "addresses %d", id)
	}
	for i := range all {
		switch all[i].Diagnosis {
		case ChecksumFailed, SubflowChecksum, JoinForged, KeysDiffer, AddressForged:
			add("what was expected and what was found", "verify %d", id)
		case JoinRefused, JoinReset, JoinLate, JoinUnanswered, JoinStripped, JoinsForbidden, AddressUnanswered, AddressUnused:
			add("what the path managers did, with each address and join", "addresses %d", id)
		}
	}
	for _, l := range limits {
		switch l.kind() {
		case limitWindow, limitBlocked:
			add("where the data waits for a gap, or for the window", "plot dsn %d %s", id, l.to)
		case limitPath, limitReinjection:
			add("what each subflow carried", "summary %d %s", id, l.to)
		}
	}
	if list, _ := Issues(e.t, []*conn.Conn{e.c}, false, 1); list.Rows > 0 {
		add("everything suspicious", "issues %d", id)
	}
	if len(steps) == 0 {
		add("what each subflow carried", "summary %d", id)
	}
	return steps
}

// nextTable lists steps.
func nextTable(steps []lookup) *display.Table {
	fields := []field[lookup]{
		{display.Column{Key: "command", Head: "Command", Doc: "to type"}, func(_ *trace.Trace, s lookup) display.Value { return display.Str(s.command) }},
		{display.Column{Key: "what", Head: "What it tells", Wide: true, Doc: "what there is to see"}, func(_ *trace.Trace, s lookup) display.Value {
			return display.Str(s.what)
		}},
	}
	list := table(nil, fields, len(steps), func(row int) lookup { return steps[row] })
	list.Name, list.Title = "next", "Look next at"
	list.Open = func(row int) string { return steps[row].command }
	return list
}
