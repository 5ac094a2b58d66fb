package core_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// folders are those of files in the formats of other programs: ours, and those of the corpus.
func folders(t *testing.T, name string) []string {
	t.Helper()
	all := []string{filepath.Join(coretest.Root(), "testdata", "plot", name)}
	return append(all, corpus.Files(t, name)...)
}

// Every cell of ns-3's files that is not empty is a point.
func TestSimulatorPlot(t *testing.T) {
	for _, folder := range folders(t, "ns3") {
		chart := chartOf(t, core.New(disk.Options()), "plot ns3 '"+folder+"' 0 cwnd txNext --raw")
		drawn := 0
		for _, s := range chart.Series {
			column := []string{"cwnd", "txNext"}[s.Panel]
			text, err := os.ReadFile(filepath.Join(folder, s.Name+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			r := csv.NewReader(strings.NewReader(string(text)))
			r.FieldsPerRecord = -1
			records, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			at, k := slices.Index(records[0], column), 0
			for _, record := range records[1:] {
				if at >= len(record) || record[at] == "" {
					continue
				}
				y, _ := strconv.ParseFloat(record[at], 64)
				x, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(record[0], "+"), ".0ns"), 10, 64)
				if k >= s.Len() || s.X[k] != x || s.Y[k] != y {
					t.Fatalf("%s %s: point %d is not %v at %d", s.Name, column, k, y, x)
				}
				k++
			}
			if k != s.Len() {
				t.Errorf("%s %s: %d points, want %d", s.Name, column, s.Len(), k)
			}
			drawn += k
		}
		if drawn < 100 {
			t.Errorf("%s: %d points are drawn", folder, drawn)
		}
	}
}

// Every subflow of every file is a point.
func TestManagerPlot(t *testing.T) {
	for _, folder := range folders(t, "mptcp-pm") {
		want := map[string]map[int64]float64{}
		files, _ := filepath.Glob(filepath.Join(folder, "mptcp_*.json"))
		for _, file := range files {
			var record struct {
				Name     string
				Delay    int64
				Subflows []struct {
					SrcIP   string  `json:"srcIp"`
					SrcPort int     `json:"srcPort"`
					Cwnd    float64 `json:"snd_cwnd"`
				}
			}
			text, err := os.ReadFile(file)
			if err != nil || json.Unmarshal(text, &record) != nil {
				t.Fatal(file, err)
			}
			for _, s := range record.Subflows {
				key := record.Name + " · " + s.SrcIP + ":" + strconv.Itoa(s.SrcPort) + " "
				if want[key] == nil {
					want[key] = map[int64]float64{}
				}
				want[key][record.Delay*1e6] = s.Cwnd
			}
		}
		chart := chartOf(t, core.New(disk.Options()), "plot cwnds '"+folder+"/mptcp_*.json'")
		if len(chart.Series) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d lines, want %d", folder, len(chart.Series), len(want))
		}
		for _, s := range chart.Series {
			name, _, _ := strings.Cut(s.Name, "→")
			if len(want[name]) != s.Len() {
				t.Errorf("%s: %d points, want %d", s.Name, s.Len(), len(want[name]))
			}
			for k, x := range s.X {
				if want[name][x] != s.Y[k] || k > 0 && x < s.X[k-1] {
					t.Errorf("%s: %v at %d, want %v", s.Name, s.Y[k], x, want[name][x])
				}
			}
		}
	}
}

// Files that are something else are refused in words.
func TestFilesOfOtherKinds(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"0-meta.csv": "a,b\n1,2\n", "1-meta.csv": "Time,cwnd\nsoon,2\n", "2-meta.csv": "Time,cwnd\n+1.0ns,x\n",
		"a.json": "[]", "b.json": `{"delay": 1, "subflows": 7}`, "c.json": `{"subflows": []}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"plot ns3 " + dir + " 0 cwnd":     "is no trace of ns-3",
		"plot ns3 " + dir + " 1 cwnd":     `line 2: "soon" is no time`,
		"plot ns3 " + dir + " 2 cwnd":     `"x" in column cwnd is no number`,
		"plot cwnds " + dir + "/a.json":   "is no record of mptcp-pm",
		"plot cwnds " + dir + "/b.json":   "is no record of mptcp-pm",
		"plot cwnds " + dir + "/c.json":   "it has no delay",
		"plot cwnds " + dir + "/no.json":  "no such file",
		"plot ns3 " + dir + "/nosuch 0 x": "has no files of node 0",
	} {
		err := core.New(disk.Options()).Run(t.Context(), line, &collector{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}
