package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Scheduler is a kind of packet scheduler.
type Scheduler uint8

// Kinds.
const (
	// UnknownScheduler: there was nothing to choose, or what was chosen fits none.
	UnknownScheduler Scheduler = iota
	// MinRTT: the fastest subflow with room in its window; another one only when the faster are full.
	MinRTT
	// RoundRobin: the subflows in turn, each for the same number of segments.
	RoundRobin
	// RedundantScheduler: everything over several subflows at once.
	RedundantScheduler
	// BackupOnly: regular subflows while there are any, which left only one to choose.
	BackupOnly
	// Weighted: a share for each, by what it can carry, bound to it before it can be sent: Linux's own scheduler gives bursts
	// to the subflow that is to drain first.
	Weighted
)

// String is the kind in words.
func (s Scheduler) String() string {
	return [...]string{"unknown", "minRTT", "round-robin", "redundant", "backup", "weighted", "", ""}[s&7]
}

// Guess is which scheduler the choices look like, and what it rests on.
type Guess struct {
	Kind Scheduler
	// Confidence is between 0 and 1: how well the choices fit the kind, times how badly they fit the next best one; half of
	// that where the capture was not made at the sender.
	Confidence float64
	Scores     []Score // how well each kind fits, best first
	Why        string  // the figures that decided
	Evidence   ChoiceEvidence
}

// Score is how well a kind fits, from 0 to 1.
type Score struct {
	Kind Scheduler
	Fit  float64
}

// Sure says in a word how sure a guess is.
func (g *Guess) Sure() string {
	switch {
	case g.Kind == UnknownScheduler:
		return "cannot tell"
	case g.Confidence >= 0.7:
		return "high confidence"
	case g.Confidence >= 0.4:
		return "moderate confidence"
	}
	return "low confidence"
}

// ChoiceEvidence counts what the choices show.
type ChoiceEvidence struct {
	Contested uint64 // choices with at least two usable subflows
	// Of the contested ones: those with a backup and a regular subflow, and those of them that took a regular one.
	WithBackup, TookRegular uint64
	// Free choices had two subflows of the same standing; Slower took one although another was faster, Excused did so as all
	// faster ones were full.
	Free, Slower, Excused uint64
	// Idle are free choices with nothing in flight on any of the like subflows, where the first of them is not the fastest;
	// First took the first all the same, as a scheduler does that asks for what is to drain, Fastest the fastest.
	Idle, First, Fastest uint64
	// Ahead are free choices whose data was bound to its subflow early: data behind it was sent first, on another one.
	Ahead uint64
	// EvenRuns are runs of the most frequent length, RunLength segments.
	EvenRuns, RunLength uint64
	Used                int     // subflows that new data went over
	Evenness            float64 // the fewest choices on one of them, to the most, 0 to 1
}

// fewest choices to say anything.
const fewest = 20

// fewestRuns is how many runs it takes to say minRTT where several subflows were used: a weighted scheduler, too, takes the
// faster one for a while, and shows by its changes. The choices within a run are alike, so that each change counts as one;
// five look all the same by chance once in 32.
const fewestRuns = 6

// guess compares the choices with what each kind would do.
func (s *Schedule) guess() Guess {
	g := Guess{Evidence: s.evidence()}
	e := &g.Evidence
	g.Scores = []Score{{RedundantScheduler, s.redundantFit()}, {BackupOnly, e.backupFit()}, {RoundRobin, e.turnFit(len(s.Runs))}, {MinRTT, e.fastestFit()}, {Weighted, 0}}
	g.Scores[4].Fit = e.weightedFit(g.Scores)
	slices.SortStableFunc(g.Scores, func(a, b Score) int { return cmp.Compare(b.Fit, a.Fit) })
	best, next := g.Scores[0], rival(g.Scores)
	switch {
	case e.Contested < fewest:
		g.Why = "no choice had more than one usable subflow"
		if e.Contested > 0 {
			g.Why = fmt.Sprintf("only %s had more than one usable subflow", display.Count(e.Contested, "choice"))
		}
		return g
	case e.Used < 2 && best.Fit < 0.4:
		g.Why = "all data went over one subflow, as minRTT and weighted schedulers do while it is not full; round-robin and redundant ones do not: " + e.words()
		return g
	case best.Fit < 0.4:
		g.Why = e.words()
		return g
	case best.Kind == MinRTT && e.Used > 1 && len(s.Runs) < fewestRuns:
		g.Why = fmt.Sprintf("the data went in %s only, each over one subflow, which is too few to tell what made it change: ", display.Count(len(s.Runs), "run")) + e.words()
		return g
	}
	g.Kind, g.Confidence = best.Kind, best.Fit*(1-next.Fit)
	if !s.AtSender {
		g.Confidence /= 2
	}
	g.Why = s.why(&g)
	return g
}

// rival is the best of the kinds that exclude the first: that backups were left alone says nothing against a kind that is told
// by choices between like subflows, nor the other way round.
func rival(scores []Score) Score {
	for _, s := range scores[1:] {
		if s.Kind != BackupOnly && scores[0].Kind != BackupOnly {
			return s
		}
	}
	return Score{}
}

// redundantFit is the share of the data that went over a second subflow at once.
func (s *Schedule) redundantFit() float64 { return ratio(s.Redundant, s.Bytes) }

func ratio(n, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// backupFit asks whether backups were left alone, where that is what most choices were about.
func (e *ChoiceEvidence) backupFit() float64 {
	if e.WithBackup < fewest || e.Free > e.WithBackup {
		return 0
	}
	return ratio(e.TookRegular, e.WithBackup)
}

// turnFit asks whether runs have the same length, and subflows the same share.
func (e *ChoiceEvidence) turnFit(runs int) float64 {
	if runs < 10 || e.Used < 2 {
		return 0
	}
	return ratio(e.EvenRuns, uint64(runs)) * e.Evenness
}

// fastestFit asks whether slower subflows were taken only while the faster ones were full, and nothing was bound early.
func (e *ChoiceEvidence) fastestFit() float64 {
	if e.Free < fewest || e.Used < 2 {
		return e.idleFit(e.Fastest)
	}
	early := min(1, 4*ratio(e.Ahead, e.Free))
	if e.Slower < fewest/2 {
		// Everything over the fastest one: others would do so, too, while it is not full.
		return 0.5 * (1 - early)
	}
	return ratio(e.Excused, e.Slower) * (1 - early)
}

// weightedFit asks whether data was bound early, or went over a slower subflow while a faster one had room, and in no
// other order.
func (e *ChoiceEvidence) weightedFit(others []Score) float64 {
	if e.Free < fewest || e.Used < 2 {
		return e.idleFit(e.First)
	}
	fit := max(min(1, 4*ratio(e.Ahead, e.Free)), 1-ratio(e.Excused, max(e.Slower, 1)))
	for _, o := range others {
		if o.Kind == RoundRobin || o.Kind == RedundantScheduler {
			fit *= 1 - o.Fit
		}
	}
	return fit
}

// idleFit asks which subflow was taken while nothing was in flight, where one carried all: by half, as the other one may not
// have been usable for a reason that no packet shows.
func (e *ChoiceEvidence) idleFit(took uint64) float64 {
	if e.Idle < fewest || e.Free < fewest {
		return 0
	}
	return ratio(took, e.Idle) / 2
}

// evidence counts.
func (s *Schedule) evidence() (e ChoiceEvidence) {
	lengths := map[uint64]uint64{}
	for _, r := range s.Runs {
		lengths[r.Segments]++
	}
	for length, n := range lengths {
		if n > e.EvenRuns || n == e.EvenRuns && length < e.RunLength {
			e.EvenRuns, e.RunLength = n, length
		}
	}
	least, most := uint64(0), uint64(0)
	for _, p := range s.Paths {
		if p.Choices > 0 {
			if e.Used++; e.Used == 1 || p.Choices < least {
				least = p.Choices
			}
			most = max(most, p.Choices)
		}
	}
	e.Evenness = ratio(least, most)
	behind := int64(1<<63 - 1) // when the first of the data behind was sent
	for i := len(s.Choices) - 1; i >= 0; i-- {
		c := &s.Choices[i]
		e.count(c, c.Time > behind)
		behind = min(behind, c.Time)
	}
	return e
}

// count takes in a choice.
func (e *ChoiceEvidence) count(c *Choice, ahead bool) {
	if len(c.Usable) < 2 {
		return
	}
	e.Contested++
	var own PathState
	regular, backups := uint64(0), uint64(0)
	for _, p := range c.Usable {
		if p.Ordinal == c.Ordinal {
			own = p
		}
		if p.Backup {
			backups++
		} else {
			regular++
		}
	}
	if regular > 0 && backups > 0 {
		e.WithBackup++
		if !own.Backup {
			e.TookRegular++
		}
	}
	if own.Backup && regular > 0 || !own.Backup && regular < 2 || own.Backup && backups < 2 {
		return
	}
	e.Free++
	if ahead {
		e.Ahead++
	}
	e.idle(c, &own)
	slower, full := false, true
	for _, p := range c.Usable {
		if p.Backup == own.Backup && p.RTT < own.RTT {
			slower = true
			full = full && !p.Room
		}
	}
	if slower {
		e.Slower++
		if full {
			e.Excused++
		}
	}
}

// clearly is by what share of its round trip a subflow must be faster for a scheduler to have seen it.
const clearly = 0.2

// idle takes in a choice between like subflows with nothing in flight on them: Linux takes the first of those that drain
// alike, minRTT the fastest.
func (e *ChoiceEvidence) idle(c *Choice, own *PathState) {
	first, fastest := -1, -1
	for i, p := range c.Usable {
		switch {
		case p.Backup != own.Backup:
			continue
		case p.InFlight > 0:
			return
		}
		if first < 0 {
			first = i
		}
		if fastest < 0 || p.RTT < c.Usable[fastest].RTT {
			fastest = i
		}
	}
	if float64(c.Usable[fastest].RTT) > (1-clearly)*float64(c.Usable[first].RTT) {
		return
	}
	switch e.Idle++; own.Ordinal {
	case c.Usable[first].Ordinal:
		e.First++
	case c.Usable[fastest].Ordinal:
		e.Fastest++
	}
}

// backupWords say how backups were used.
func (e *ChoiceEvidence) backupWords() string {
	return fmt.Sprintf("of %s with a backup subflow %s took a regular one", display.Count(e.WithBackup, "choice"), display.Whole(e.TookRegular))
}

// words are the figures for people.
func (e *ChoiceEvidence) words() string {
	if e.Free == 0 {
		return e.backupWords()
	}
	text := fmt.Sprintf("of %s between like subflows %s took a slower one, %s of these as the faster were full; %s of the data was bound to its subflow before data that went out earlier elsewhere",
		display.Count(e.Free, "choice"), display.Whole(e.Slower), display.Whole(e.Excused), display.Scaled(ratio(e.Ahead, e.Free), display.Ratio))
	if e.Idle >= fewest {
		text += fmt.Sprintf("; of %s with nothing in flight and the first subflow not the fastest %s took the first, %s the fastest", display.Count(e.Idle, "choice"),
			display.Whole(e.First), display.Whole(e.Fastest))
	}
	if e.WithBackup > 0 {
		text += "; " + e.backupWords()
	}
	return text
}

// why says what a guess rests on.
func (s *Schedule) why(g *Guess) string {
	switch g.Kind {
	case BackupOnly:
		return g.Evidence.backupWords()
	case RedundantScheduler:
		return fmt.Sprintf("%s of the data went over a second subflow within a round trip", display.Scaled(s.redundantFit(), display.Ratio))
	case RoundRobin:
		return fmt.Sprintf("%s of %s have %s, and the subflows carried alike", display.Whole(g.Evidence.EvenRuns), display.Count(len(s.Runs), "run"), display.Count(g.Evidence.RunLength, "segment"))
	}
	return g.Evidence.words()
}
