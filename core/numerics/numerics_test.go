package numerics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

func read(t *testing.T, file string) *numerics.Topology {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	topology, err := numerics.Parse(b)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return topology
}

// golden is the form of the figures of record.
type golden struct {
	Optbuffer, Optbuffer_inc, Optbuffer_dec struct {
		Duration_ms         int64
		Required_rcv_buffer int64
		Rcv_next            int64
		Contrib             map[string]float64
	}
	RFC6182 struct {
		Max_rto, Max_rtt                   int64
		Rto_buffer, Fast_retransmit_buffer float64
	}
	Optcwnd *struct{ Duration_ms, Max_bytes int64 }
}

func TestGolden(t *testing.T) {
	dir := corpus.Dir(t)
	b, err := os.ReadFile(filepath.Join(dir, "oracle", "numerics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 7 {
		t.Fatalf("%d figures: %v", len(all), err)
	}
	for name, want := range all {
		topology := read(t, filepath.Join(dir, "numerics", name))
		for scheduler, w := range map[numerics.Scheduler]any{numerics.ByName: want.Optbuffer, numerics.IncreasingFOWD: want.Optbuffer_inc, numerics.DecreasingFOWD: want.Optbuffer_dec} {
			w := w.(struct {
				Duration_ms         int64
				Required_rcv_buffer int64
				Rcv_next            int64
				Contrib             map[string]float64
			})
			p, err := numerics.NewBufferProblem(topology, numerics.Options{Scheduler: scheduler})
			if err != nil {
				t.Fatal(err)
			}
			a, err := p.Solve(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if a.Buffer != w.Required_rcv_buffer || a.RcvNext != w.Rcv_next || math.Abs(a.Duration*1000-float64(w.Duration_ms)) > 1e-9 {
				t.Errorf("%s, %v: buffer %d, received %d in %v s, want %+v", name, scheduler, a.Buffer, a.RcvNext, a.Duration, w)
			}
			for _, f := range a.Subflows {
				if math.Abs(f.Contrib-w.Contrib[f.Name]) > 1e-4 {
					t.Errorf("%s: %s carries %v, want %v", name, f.Name, f.Contrib, w.Contrib[f.Name])
				}
			}
			confirm(t, p, float64(a.Buffer))
		}
		r := topology.Buffers()
		if r.MaxRTO != want.RFC6182.Max_rto*1000 || r.MaxRTT != want.RFC6182.Max_rtt*1000 || math.Abs(r.RTO-want.RFC6182.Rto_buffer) > 1e-9 || math.Abs(r.Fast-want.RFC6182.Fast_retransmit_buffer) > 1e-9 {
			t.Errorf("%s: %+v, want %+v", name, r, want.RFC6182)
		}
		if want.Optcwnd != nil {
			p, err := numerics.NewWindowProblem(topology, numerics.Options{Scheduler: numerics.ByName}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := p.Solve(context.Background())
			if err != nil || a.RcvNext != want.Optcwnd.Max_bytes {
				t.Errorf("%s: windows receive %d, want %d: %v", name, a.RcvNext, want.Optcwnd.Max_bytes, err)
			}
			confirm(t, p, a.Objective)
			// By the usual scheduler other windows fit: its optimum is another one, and GLPK's as well.
			if p, err = numerics.NewWindowProblem(topology, numerics.Options{}, nil, nil); err != nil {
				t.Fatal(err)
			}
			if a, err = p.Solve(context.Background()); err != nil {
				t.Fatal(err)
			}
			confirm(t, p, a.Objective)
		}
	}
}

var objective = regexp.MustCompile(`Objective:\s+obj = (\S+)`)

// confirm wants GLPK to find the same optimum; want NaN is none.
func confirm(t *testing.T, p *numerics.Problem, want float64) {
	t.Helper()
	glpsol, err := exec.LookPath("glpsol")
	if err != nil {
		t.Skip("glpsol (glpk-utils) is not installed: the optima are not confirmed")
	}
	dir := t.TempDir()
	var text bytes.Buffer
	if err := p.WriteLP(&text); err != nil {
		t.Fatal(err)
	}
	problem, result := filepath.Join(dir, "p.lp"), filepath.Join(dir, "p.txt")
	if err := os.WriteFile(problem, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(glpsol, "--lp", problem, "-o", result).CombinedOutput()
	if err != nil {
		t.Fatalf("glpsol: %v\n%s\n%s", err, out, text.String())
	}
	b, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	none := strings.Contains(string(out), "NO PRIMAL FEASIBLE") || strings.Contains(string(out), "NO INTEGER FEASIBLE") || strings.Contains(string(b), "UNDEFINED") || strings.Contains(string(b), "INFEASIBLE") || strings.Contains(string(b), "INTEGER EMPTY")
	if math.IsNaN(want) != none {
		t.Fatalf("glpsol says otherwise (want %v):\n%s\n%s", want, out, text.String())
	}
	if none {
		return
	}
	m := objective.FindSubmatch(b)
	if m == nil {
		t.Fatalf("no objective in %s", b)
	}
	if got, err := strconv.ParseFloat(string(m[1]), 64); err != nil || math.Abs(got-want) > 1e-6*max(1, math.Abs(want)) {
		t.Errorf("glpsol finds %v, we %v\n%s", got, want, text.String())
	}
}

// TestTopologies solves both problems on all topologies there are.
func TestTopologies(t *testing.T) {
	dir := corpus.Dir(t)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	solved := 0
	for _, file := range files {
		if folder := filepath.Base(filepath.Dir(file)); folder != "numerics" && folder != "mptcp-pm" {
			continue
		}
		topology := read(t, file)
		for _, o := range []numerics.Options{{}, {Scheduler: numerics.ByName}, {Withstand: topology.Subflows[0].Name}, {Duration: 3_000_000}} {
			b, err := numerics.NewBufferProblem(topology, o)
			if err != nil {
				if o.Duration > 0 && !strings.Contains(err.Error(), "congestion window") {
					t.Errorf("%s: %v", file, err)
				}
				continue
			}
			a, err := b.Solve(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			confirm(t, b, float64(a.Buffer))
			w, err := numerics.NewWindowProblem(topology, o, nil, nil)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if a, err = w.Solve(context.Background()); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			confirm(t, w, a.Objective)
			solved++
		}
	}
	if solved < 20 {
		t.Errorf("only %d problems were solved", solved)
	}
}

// TestRandomTopologies has GLPK confirm problems by chance, shares and windows among them.
func TestRandomTopologies(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	statuses := map[string]int{}
	for range 60 {
		topology := &numerics.Topology{Name: "random", SendBuffer: 1 + random.Int64N(200)}
		n := 1 + random.IntN(4)
		for i := range n {
			topology.Subflows = append(topology.Subflows, numerics.Subflow{Name: string(rune('a' + i)), Cwnd: 1 + random.Int64N(30), MSS: 1 + random.Int64N(3),
				Fowd: (1 + random.Int64N(8)) * 5000, Bowd: (1 + random.Int64N(8)) * 5000})
		}
		o := numerics.Options{Duration: 20_000 + random.Int64N(400_000), Scheduler: numerics.Scheduler(random.IntN(3))}
		if random.IntN(3) == 0 {
			o.Withstand = "a"
		}
		var shares []numerics.Share
		var windows []numerics.Window
		for i := range n {
			switch name := string(rune('a' + i)); random.IntN(5) {
			case 0:
				shares = append(shares, numerics.Share{Subflow: name, Ratio: big.NewRat(random.Int64N(100), 100), AtMost: random.IntN(2) == 0})
			case 1:
				windows = append(windows, numerics.Window{Subflow: name, Cwnd: random.Int64N(40), AtMost: random.IntN(2) == 0})
			}
		}
		p, err := numerics.NewWindowProblem(topology, o, shares, windows)
		if err != nil {
			t.Fatal(err)
		}
		a, err := p.Solve(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		statuses[a.Status]++
		want := a.Objective
		if a.Status == "Infeasible" {
			want = math.NaN()
			if len(a.Conflict) < 2 {
				t.Errorf("only %v conflicts", a.Conflict)
			}
		}
		confirm(t, p, want)
	}
	if statuses["Optimal"] == 0 || statuses["Infeasible"] == 0 {
		t.Errorf("%v", statuses)
	}
}
