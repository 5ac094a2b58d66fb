package analysis_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// randomPaths are a fast path and a slower one.
func randomPaths(dice *rand.Rand, n int) (paths []*simPath) {
	rtt := int64(10e6) + dice.Int64N(20e6)
	for range n {
		paths = append(paths, &simPath{rtt: rtt, jitter: rtt / 8, cwnd: simMSS * (12 + dice.IntN(30))})
		rtt = rtt*3/2 + dice.Int64N(40e6)
	}
	return paths
}

// TestGuessOfSimulations guesses the scheduler of simulated senders, with other paths each time.
func TestGuessOfSimulations(t *testing.T) {
	tests := []struct {
		name string
		want analysis.Scheduler
		make func(s *simulation)
	}{
		{"minRTT", analysis.MinRTT, func(s *simulation) { s.policy = lowestRTT }},
		{"round-robin", analysis.RoundRobin, func(s *simulation) { s.policy = inTurn(1) }},
		{"round-robin by four", analysis.RoundRobin, func(s *simulation) { s.policy = inTurn(4) }},
		{"round-robin, slow application", analysis.RoundRobin, func(s *simulation) { s.policy, s.rate = inTurn(2), 2e5 }},
		{"redundant", analysis.RedundantScheduler, func(s *simulation) { s.policy, s.twice, s.rate = lowestRTT, true, 1e5 }},
		{"weighted", analysis.Weighted, func(s *simulation) { s.policy, s.burst = drainsFirst, 16_000 }},
		{"weighted, long bursts", analysis.Weighted, func(s *simulation) { s.policy, s.burst = drainsFirst, 64_000 }},
		{"minRTT, slow application, the first path slow", analysis.MinRTT, func(s *simulation) { s.policy, s.rate = lowestRTT, 1e4; slices.Reverse(s.paths) }},
		{"weighted, slow application, the first path slow", analysis.Weighted, func(s *simulation) {
			s.policy, s.burst, s.rate = drainsFirst, 1000, 1e4
			slices.Reverse(s.paths)
		}},
		{"backup", analysis.BackupOnly, func(s *simulation) { s.policy, s.paths[1].backup = regularFirst, true }},
	}
	for _, test := range tests {
		right, sure, n := 0, 0.0, 0
		for seed := range uint64(5) {
			dice := rand.New(rand.NewPCG(seed, 11))
			s := &simulation{dice: dice, total: 400_000, paths: randomPaths(dice, 2)}
			test.make(s)
			tr, _ := fromScript(t, s.script())
			got, err := analysis.NewSchedule(t.Context(), tr, &tr.Conns[0], stream.Server)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if got.Guess.Kind == test.want {
				right++
				sure += got.Guess.Confidence
			} else {
				t.Logf("%s, seed %d: %s", test.name, seed, got.Verdict())
			}
			checkChoices(t, test.name, got)
		}
		t.Logf("%s: %d of %d, confidence %.2f", test.name, right, n, sure/float64(max(right, 1)))
		if right < n {
			t.Errorf("%s: only %d of %d are guessed", test.name, right, n)
		}
	}
}

// checkChoices holds that choices, runs and shares add up.
func checkChoices(t *testing.T, name string, s *analysis.Schedule) {
	t.Helper()
	var bytes, choices, runs, parts uint64
	for i := range s.Choices {
		bytes += s.Choices[i].Bytes
		if i > 0 && s.Choices[i].DSN != s.Choices[i-1].DSN+s.Choices[i-1].Bytes {
			t.Fatalf("%s: data %d follows %d", name, s.Choices[i].DSN, s.Choices[i-1].DSN)
		}
	}
	for _, r := range s.Runs {
		runs += r.Bytes
	}
	for _, p := range s.Paths {
		parts, choices = parts+p.Bytes, choices+p.Choices
	}
	if bytes != s.Bytes || runs != s.Bytes || parts != s.Bytes || choices != uint64(len(s.Choices)) {
		t.Errorf("%s: %d bytes in choices, %d in runs, %d in subflows, %d in all; %d choices of %d", name, bytes, runs, parts, s.Bytes, choices, len(s.Choices))
	}
}

// TestGuessOfKernel guesses the scheduler of Linux, which weights its subflows by what they are to drain, and leaves backups
// alone: all that can be told must be one of these.
func TestGuessOfKernel(t *testing.T) {
	type sender struct {
		name string
		dest stream.Dest
		want analysis.Scheduler
	}
	tests := []sender{
		{"two-path-upload.client", stream.Server, analysis.Weighted},
		{"signal-address.client", stream.Server, analysis.Weighted},
		{"signal-address.server", stream.Client, analysis.Weighted},
		{"handover.server", stream.Client, analysis.Weighted}, // while both paths were regular; the backup was left alone before
		{"nat-clocks.client", stream.Server, analysis.Weighted},
		{"nat-clocks.server", stream.Client, analysis.Weighted},
		{"ipv6-checksum.client", stream.Server, analysis.UnknownScheduler}, // one subflow carried all
		{"two-path-upload.client", stream.Client, analysis.UnknownScheduler},
		{"fallback.client", stream.Server, analysis.UnknownScheduler},
	}
	dir := corpus.Folder(t)
	if dir != "" {
		tests = append(tests, sender{"v1_two_subflows", stream.Server, analysis.Weighted}, sender{"v1_asymmetric_paths", stream.Server, analysis.Weighted},
			sender{"v1_asymmetric_paths", stream.Client, analysis.UnknownScheduler}, // two changes of subflow
			sender{"v1_link_failure_reinject", stream.Server, analysis.Weighted},
			sender{"v1_add_addr_signal", stream.Server, analysis.Weighted}, sender{"v1_ipv6", stream.Server, analysis.Weighted}, // idle, the first path slower
			sender{"v1_deny_join_id0", stream.Server, analysis.Weighted}, sender{"v1_backup_prio", stream.Server, analysis.BackupOnly})
	}
	for _, test := range tests {
		name := filepath.Join(coretest.Captures(), test.name+".pcapng")
		if test.name[:2] == "v1" {
			name = filepath.Join(dir, "linux-v1", test.name+".pcap")
		}
		tr := coretest.Trace(t, name)
		s, err := analysis.NewSchedule(t.Context(), tr, &tr.Conns[0], test.dest)
		if err != nil {
			t.Fatal(err)
		}
		if s.Guess.Kind != test.want {
			t.Errorf("%s: %s", test.name, s.Verdict())
		}
		t.Logf("%s: %s", test.name, s.Verdict())
	}
}
