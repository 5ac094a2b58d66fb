package core_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// The series of every plot against figures that tshark's fields give: these tests compute them in another way, frame by
// frame, and decide whether a plot is right.

// TestPlotsAgainstTshark compares the plots of each capture.
func TestPlotsAgainstTshark(t *testing.T) {
	checks := []struct {
		name  string
		check func(t *testing.T, s *subject)
	}{
		{"attributes", checkAttributesAreTsharks}, {"sequence numbers", checkSequenceNumbersAreTsharks},
		{"data sequence numbers", checkDataSequenceNumbersAreThoseOfTheMappings}, {"throughput", checkThroughputIsTsharks},
		{"mappings", checkMappingsAreTsharks}, {"round trips", checkRoundTripsAreTsharks}, {"data round trips", checkDataRoundTrips},
		{"flight", checkFlightIsTsharks}, {"window", checkWindowIsTsharks}, {"ack sizes", checkAckSizesAreTsharks},
		{"stream sequence", checkStreamSequenceIsTsharks}, {"reinjections", checkReinjectionsAreTsharks},
		{"interarrival", checkInterarrival}, {"goodput", checkGoodput},
	}
	for _, s := range subjects(t) {
		for _, c := range checks {
			t.Run(s.name+"/"+c.name, func(t *testing.T) { c.check(t, &s) })
		}
	}
}

// drawn runs a plot of the capture and gives its chart.
func (s *subject) drawn(t *testing.T, plot string) *display.Chart {
	t.Helper()
	return chartOf(t, s.session, plot)
}

// chartOf runs a plot and gives its chart.
func chartOf(t *testing.T, s *core.Session, plot string) *display.Chart {
	t.Helper()
	var out collector
	if err := s.Run(context.Background(), plot, &out); err != nil {
		t.Fatalf("%s: %v", plot, err)
	}
	for _, b := range out.blocks {
		if c, ok := b.(*display.Chart); ok {
			return c
		}
	}
	t.Fatalf("%s: no chart", plot)
	return nil
}

// frame is a packet as tshark prints it.
type frame struct {
	number uint32
	time   int64 // ns since the first frame of the capture
	field  map[string]string
}

func (f *frame) num(t *testing.T, name string) uint64 {
	t.Helper()
	text, _, _ := strings.Cut(f.field[name], ",")
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("frame %d: %s is %q", f.number, name, f.field[name])
	}
	return v
}

func (f *frame) has(name string) bool { return f.field[name] != "" }

// toServer says whether the frame goes to the port that the captures' servers have.
func (f *frame) toServer() bool { return f.field["tcp.dstport"] == serverPort }

const serverPort = "5001"

// tsharkFields are those that the tests below need.
var tsharkFields = []string{"frame.number", "frame.time_relative", "tcp.stream", "tcp.dstport", "tcp.len", "tcp.seq", "tcp.nxtseq", "tcp.ack",
	"tcp.window_size", "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.reset", "tcp.analysis.ack_rtt", "tcp.analysis.acks_frame",
	"tcp.analysis.bytes_in_flight", "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission",
	"tcp.analysis.duplicate_ack", "tcp.options.sack_le", "tcp.options.sack_re", "mptcp.stream", "mptcp.dsn", "mptcp.rawdsn64", "mptcp.ack",
	"tcp.options.mptcp.rawdataseqno", "tcp.options.mptcp.datalvllen", "tcp.options.mptcp.rawdataack", "tcp.options.mptcp.subflowseqno",
	"tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "mptcp.reinjection_of", "tcp.analysis.out_of_order"}

// tsharkFrames lists the TCP frames of a capture with these fields.
func tsharkFrames(t *testing.T, capture string) []frame {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	args := []string{"-r", capture, "-2", "-Y", "tcp and not icmp", "-T", "fields", "-E", "separator=|", "-o", "mptcp.analyze_mappings:TRUE",
		"-o", "mptcp.intersubflows_retransmission:TRUE", "-o", "tcp.calculate_timestamps:TRUE"}
	for _, f := range tsharkFields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(cmd.Environ(), "WIRESHARK_CONFIG_DIR="+t.TempDir())
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, complaint.String())
	}
	var frames []frame
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		f := frame{field: map[string]string{}}
		for i, v := range strings.Split(line, "|") {
			f.field[tsharkFields[i]] = v
		}
		f.number = uint32(f.num(t, "frame.number"))
		f.time = nanoseconds(t, f.field["frame.time_relative"])
		frames = append(frames, f)
	}
	return frames
}

// nanoseconds reads seconds with nine decimals exactly.
func nanoseconds(t *testing.T, text string) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(text, ".")
	v, err := strconv.ParseInt(whole+(fraction + "000000000")[:9], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// subject is a capture with one MPTCP connection to serverPort.
type subject struct {
	name    string
	session *core.Session
	frames  []frame
}

func subjects(t *testing.T) []subject {
	t.Helper()
	files := []string{"two-path-upload.client.pcapng", "handover.client.pcapng", "handover.server.pcapng"}
	for i := range files {
		files[i] = filepath.Join(coretest.Captures(), files[i])
	}
	files = append(files, corpus.Files(t, "linux-v1/v1_two_subflows.twoif.pcapng")...)
	var all []subject
	for _, file := range files {
		s := core.New(disk.Options())
		if err := s.Run(context.Background(), "load '"+file+"'", &collector{}); err != nil {
			t.Fatal(err)
		}
		all = append(all, subject{name: filepath.Base(file), session: s, frames: tsharkFrames(t, file)})
	}
	return all
}

// point is one mark of a chart, by the frame that it is about.
type point struct {
	stream string // the first word of the series' name
	server bool   // solid: travels to the server
	frame  uint32
	x      int64
	y, y2  uint64 // base and offset together
}

// pointsOf lists the marks of the series that want takes, by frame.
func pointsOf(c *display.Chart, want func(s *display.Series) bool) []point {
	var all []point
	axes := c.PanelAxes()
	for i := range c.Series {
		s := &c.Series[i]
		if !want(s) {
			continue
		}
		base := axes[s.Panel].Base
		for k := range s.Len() {
			p := point{stream: strings.Fields(s.Name + " ")[0], server: !s.Dashed, x: s.X[k], y: base + uint64(int64(s.Y[k])), frame: s.Frame[k]}
			if s.Mark == display.Segments {
				p.y2 = base + uint64(int64(s.Y2[k]))
			}
			all = append(all, p)
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].frame != all[j].frame {
			return all[i].frame < all[j].frame
		}
		return all[i].y < all[j].y
	})
	return all
}

func marked(m display.Mark) func(s *display.Series) bool {
	return func(s *display.Series) bool { return s.Mark == m && s.Group >= 0 }
}

// compare demands two lists of marks to be the same.
func compare(t *testing.T, what string, got, want []point) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: tshark gives nothing to compare with", what)
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: mark %d is %+v, want %+v", what, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d marks, want %d", what, len(got), len(want))
	}
}

func checkAttributesAreTsharks(t *testing.T, s *subject) {
	for column, field := range map[string]string{
		"rwnd": "tcp.window_size", "tcplen": "tcp.len", "tcpack": "tcp.ack", "tcptsval": "tcp.options.timestamp.tsval",
		"tcptsecr": "tcp.options.timestamp.tsecr", "dss_rawack": "tcp.options.mptcp.rawdataack", "dss_ssn": "tcp.options.mptcp.subflowseqno",
		"dss_length": "tcp.options.mptcp.datalvllen", "dack": "mptcp.ack",
	} {
		var want []point
		for _, f := range s.frames {
			if f.has(field) && !(column == "dack" && f.num(t, field) > 1<<40) { // tshark left the number raw: a key came late
				want = append(want, point{stream: f.field["tcp.stream"], server: f.toServer(), frame: f.number, x: f.time, y: f.num(t, field)})
			}
		}
		chart := s.drawn(t, "plot "+column+" 0")
		got := pointsOf(chart, func(*display.Series) bool { return true })
		if column == "dack" {
			got = only(got, want)
		}
		compare(t, s.name+" "+column, got, want)
	}
}

// only keeps the marks of frames that another list has too.
func only(got, other []point) []point {
	has := map[uint32]bool{}
	for _, p := range other {
		has[p.frame] = true
	}
	return slices.DeleteFunc(got, func(p point) bool { return !has[p.frame] })
}

func checkSequenceNumbersAreTsharks(t *testing.T, s *subject) {
	var want []point
	for _, f := range s.frames {
		if n := f.num(t, "tcp.len"); n > 0 {
			v := f.num(t, "tcp.seq")
			want = append(want, point{stream: f.field["tcp.stream"], server: f.toServer(), frame: f.number, x: f.time, y: v, y2: v + n})
		}
	}
	compare(t, s.name, pointsOf(s.drawn(t, "plot tcpseq 0"), marked(display.Segments)), want)
}

// Data sequence numbers are computed here from the mappings in the options (RFC 8684 section 3.3.1): what tshark makes of
// them is wrong where a mapping is repeated in MP_CAPABLE.
func checkDataSequenceNumbersAreThoseOfTheMappings(t *testing.T, s *subject) {
	type mapping struct{ ssn, length, dsn uint64 }
	maps := map[string][]mapping{}
	key := func(f *frame) string { return fmt.Sprint(f.field["tcp.stream"], f.toServer()) }
	for _, f := range s.frames {
		if f.has("tcp.options.mptcp.subflowseqno") && f.has("tcp.options.mptcp.rawdataseqno") {
			maps[key(&f)] = append(maps[key(&f)], mapping{f.num(t, "tcp.options.mptcp.subflowseqno"),
				f.num(t, "tcp.options.mptcp.datalvllen"), f.num(t, "tcp.options.mptcp.rawdataseqno")})
		}
	}
	raw, relative := s.drawn(t, "plot dsn 0 --raw"), s.drawn(t, "plot dsn 0")
	at := map[uint32]point{}
	for _, p := range pointsOf(raw, marked(display.Segments)) {
		at[p.frame] = p
	}
	compared, carried := 0, 0
	var zero [2]uint64
	for i, p := range pointsOf(relative, marked(display.Segments)) {
		which := 0
		if p.server {
			which = 1
		}
		if zero[which] == 0 {
			zero[which] = at[p.frame].y - p.y
		}
		if at[p.frame].y-p.y != zero[which] {
			t.Fatalf("%s: mark %d: raw and relative numbers are not a constant apart", s.name, i)
		}
	}
	for _, f := range s.frames {
		if f.num(t, "tcp.len") == 0 {
			continue
		}
		carried++
		for _, m := range maps[key(&f)] {
			if seq := f.num(t, "tcp.seq"); seq >= m.ssn && seq < m.ssn+m.length {
				compared++
				p, ok := at[f.number]
				if want := uint32(m.dsn + seq - m.ssn); !ok || uint32(p.y) != want || p.y2-p.y != f.num(t, "tcp.len") || p.x != f.time {
					t.Fatalf("%s: frame %d is %+v, want %d in the low 32 bits", s.name, f.number, p, want)
				}
				break
			}
		}
	}
	if compared*10 < carried*9 {
		t.Errorf("%s: %d of %d segments are compared", s.name, compared, carried)
	}
}

func checkThroughputIsTsharks(t *testing.T, s *subject) {
	const window = 100_000_000
	want := map[string]map[int64]uint64{} // by direction and stream, by window
	for _, f := range s.frames {
		w := f.time / window
		for _, key := range []string{fmt.Sprintf("%s %v", f.field["tcp.stream"], f.toServer()), fmt.Sprintf("all %v", f.toServer())} {
			if want[key] == nil {
				want[key] = map[int64]uint64{}
			}
			want[key][w] += f.num(t, "tcp.len")
		}
	}
	chart := s.drawn(t, "plot tput 0 --window 0.1")
	for i := range chart.Series {
		line := &chart.Series[i]
		key := fmt.Sprintf("%s %v", strings.Fields(line.Name)[0], !line.Dashed)
		for k := range line.X {
			if got := line.Y[k] * window / 8e9; got != float64(want[key][line.X[k]/window]) {
				t.Fatalf("%s: %s: window %d: %v bytes, want %d", s.name, line.Name, k, got, want[key][line.X[k]/window])
			}
			delete(want[key], line.X[k]/window)
		}
	}
	for key, windows := range want {
		for w, n := range windows {
			if n > 0 {
				t.Errorf("%s: %s: window %d with %d bytes is not drawn", s.name, key, w, n)
			}
		}
	}
	share := s.drawn(t, "plot contribution 0 --window 0.1")
	for k := range share.Series[0].X {
		sum := 0.0
		for i := range share.Series {
			sum += share.Series[i].Y[k]
		}
		if math.Abs(sum-1) > 1e-12 && sum != 0 {
			t.Errorf("%s: the shares of window %d sum up to %v", s.name, k, sum)
		}
	}
}

func checkMappingsAreTsharks(t *testing.T, s *subject) {
	for _, dest := range []string{"Server", "Client"} {
		var want, lengths []point
		chart := s.drawn(t, "plot dss 0 --raw "+dest)
		for _, f := range s.frames {
			if f.toServer() != (dest == "Server") || !f.has("tcp.options.mptcp.rawdataseqno") {
				continue
			}
			n := f.num(t, "tcp.options.mptcp.datalvllen")
			y := chart.Y.Base + uint64(uint32(f.num(t, "tcp.options.mptcp.rawdataseqno")-chart.Y.Base))
			want = append(want, point{stream: f.field["tcp.stream"], server: true, frame: f.number, x: f.time, y: y, y2: y + n})
			lengths = append(lengths, point{stream: "mappings", server: dest == "Server", frame: f.number, x: f.time, y: n})
		}
		compare(t, s.name+" dss "+dest, pointsOf(chart, marked(display.Segments)), want)
		over := s.drawn(t, "plot dss_len 0 --bins 0 "+dest)
		compare(t, s.name+" dss_len "+dest, pointsOf(over, func(*display.Series) bool { return true }), lengths)
	}
}
