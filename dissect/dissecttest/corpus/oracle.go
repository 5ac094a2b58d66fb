package corpus

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Merge is what the original's way of merging two captures gives of one stream one way: segments that have the same hash as
// one before them are dropped on either side, and of a hash that both sides have one delay counts. Delays are in seconds.
type Merge struct {
	Sent      int     `json:"h1"`
	Received  int     `json:"h2"`
	SentTwice int     `json:"dup1"`
	CameTwice int     `json:"dup2"`
	Both      int     `json:"both"`
	Min       float64 `json:"owd_min"`
	Median    float64 `json:"owd_median"`
	Max       float64 `json:"owd_max"`
}

// Check compares delays, in nanoseconds, with these. A segment that came again has no partner in the original's merge; where it
// has one, there are more delays than in the original's, and the one in the middle is another.
func (m Merge) Check(t testing.TB, what string, delays []float64) {
	t.Helper()
	again, n := min(m.SentTwice, m.CameTwice), len(delays)
	if n < m.Both || n > m.Both+again {
		t.Errorf("%s: %d delays, want %d and at most %d repetitions", what, n, m.Both, again)
		return
	}
	if n == 0 {
		return
	}
	slices.Sort(delays)
	for _, v := range []struct {
		name      string
		got, want float64
		exact     bool
	}{{"smallest", delays[0], m.Min, true}, {"middle", (delays[n/2] + delays[(n-1)/2]) / 2, m.Median, again == 0}, {"largest", delays[n-1], m.Max, true}} {
		if v.exact && math.Abs(v.got/1e9-v.want) > 1e-6 {
			t.Errorf("%s: the %s delay is %v ns, want %v s", what, v.name, v.got, v.want)
		}
	}
}

// Merged is a stream of two captures, with what the original made of it each way ("Client", "Server").
type Merged struct {
	First  string `json:"pcap1"`
	Second string `json:"pcap2"`
	S1, S2 uint32
	Merge  map[string]Merge
}

// Merges reads oracle/owd_merge.json; captures that are not in the corpus have empty names.
func Merges(t testing.TB) []Merged {
	t.Helper()
	var all []Merged
	JSON(t, filepath.Join(Dir(t), "oracle", "owd_merge.json"), &all)
	for i := range all {
		all[i].First, all[i].Second = Original(t, all[i].First), Original(t, all[i].Second)
	}
	return all
}

// Original is the path of a capture that the original's oracles name, empty where it is lost. Some they had only as tables of
// packets, which end in .csv.
func Original(t testing.TB, name string) string {
	t.Helper()
	name = filepath.Base(name)
	for _, path := range []string{
		filepath.Join(Dir(t), "public/pymptcpanalyzer", strings.TrimSuffix(name, ".csv")), filepath.Join(Dir(t), "oracle/csv", name),
	} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// JSON reads a file of figures.
func JSON(t testing.TB, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
