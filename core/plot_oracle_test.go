package core_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// What the plots draw against figures that others computed of the original's captures (MPTCP_CORPUS, oracle/*.json): packets,
// bytes, times, shares and reinjections by stream, subflow and connection.

// oracle is a file of figures about one capture.
type oracle struct {
	Streams []struct {
		ID       int        `json:"tcpstream"`
		ToClient *oracleWay `json:"towards_Client"`
		ToServer *oracleWay `json:"towards_Server"`
	} `json:"tcp_streams"`
	Connections []struct {
		Client   string `json:"client_key"`
		Master   *int   `json:"master"`
		Subflows []struct {
			Stream int `json:"tcpstream"`
		} `json:"subflows"`
		ToClient *oracleWay `json:"towards_Client"`
		ToServer *oracleWay `json:"towards_Server"`
	} `json:"mptcp_streams"`
	Reinjections []struct {
		Packet uint32 `json:"packetid"`
		Stream int    `json:"tcpstream"`
		Of     string `json:"of"`
	} `json:"reinjections"`
}

// oracleWay is one direction of a stream or a connection.
type oracleWay struct {
	Packets  int    `json:"packets"`
	Bytes    uint64 `json:"throughput_bytes"`
	Unique   uint64 `json:"unique_dsn_bytes"`
	First    string `json:"first_rel"`
	Last     string `json:"last_rel"`
	Duration string `json:"duration"`
	Subflows []struct {
		Stream  int     `json:"tcpstream"`
		Packets int     `json:"packets"`
		Bytes   uint64  `json:"bytes"`
		Share   float64 `json:"contribution_pct"`
	} `json:"subflows"`
}

// ways are the directions that there are, by the word of the command.
func ways(client, server *oracleWay) map[string]*oracleWay {
	all := map[string]*oracleWay{}
	if client != nil {
		all["Client"] = client
	}
	if server != nil {
		all["Server"] = server
	}
	return all
}

// oracleCaptures are those of the figures whose packets are at hand, as captures or as tables of packets.
var oracleCaptures = map[string]string{
	"client_2.pcap.json":                         "public/pymptcpanalyzer/client_2.pcap",
	"server_2.pcap.json":                         "public/pymptcpanalyzer/server_2.pcap",
	"iperf-mptcp-0-0.pcap.json":                  "public/pymptcpanalyzer/iperf-mptcp-0-0.pcap",
	"client_1_tcp_only_clean.pcap.json":          "public/pymptcpanalyzer/client_1_tcp_only_clean.pcap",
	"server_1_tcp_only_clean.pcap.json":          "public/pymptcpanalyzer/server_1_tcp_only_clean.pcap",
	"client_2_filtered.mptcpanalyzer-names.json": "oracle/csv/client_2_filtered.mptcpanalyzer-names.csv",
	"server_2_filtered.pcapng.json":              "oracle/csv/server_2_filtered.pcapng.csv",
}

func TestPlotsAgainstOracle(t *testing.T) {
	dir := corpus.Dir(t)
	for name, capture := range oracleCaptures {
		t.Run(name, func(t *testing.T) {
			var figures oracle
			corpus.JSON(t, filepath.Join(dir, "oracle", name), &figures)
			s := core.New(disk.Options())
			if err := s.Run(context.Background(), "load '"+filepath.Join(dir, capture)+"'", &collector{}); err != nil {
				t.Fatal(err)
			}
			for i := range figures.Streams {
				of := &figures.Streams[i]
				for dest, way := range ways(of.ToClient, of.ToServer) {
					checkStreamOracle(t, s, of.ID, dest, way)
				}
			}
			for i := range figures.Connections {
				of := &figures.Connections[i]
				for dest, way := range ways(of.ToClient, of.ToServer) {
					checkConnectionOracle(t, s, i, dest, way)
				}
			}
			checkReinjectionOracle(t, s, &figures)
		})
	}
}

// checkStreamOracle compares packets, bytes and times of one direction of a TCP stream.
func checkStreamOracle(t *testing.T, s *core.Session, id int, dest string, want *oracleWay) {
	t.Helper()
	what := fmt.Sprintf("stream %d towards the %s", id, dest)
	packets, bytes, first, last := total(chartOf(t, s, fmt.Sprintf("plot tcp_attr %d %s tcplen", id, dest)))
	if packets != want.Packets || bytes != want.Bytes {
		t.Errorf("%s: %d packets with %d bytes are drawn, want %d with %d", what, packets, bytes, want.Packets, want.Bytes)
	}
	if packets > 0 && want.First != "" && (first != nanoseconds(t, want.First) || last != nanoseconds(t, want.Last)) {
		t.Errorf("%s: drawn from %d to %d ns, want %s to %s s", what, first, last, want.First, want.Last)
	}
	if got := carried(chartOf(t, s, fmt.Sprintf("plot tcp_tput %d %s --window 1", id, dest)), ""); got != want.Bytes {
		t.Errorf("%s: the throughput adds up to %d bytes, want %d", what, got, want.Bytes)
	}
}

// total counts the dots of a chart, adds up their values, and gives the time of the first and the last.
func total(c *display.Chart) (points int, sum uint64, first, last int64) {
	for i := range c.Series {
		s := &c.Series[i]
		for k := range s.Len() {
			if points == 0 {
				first, last = s.X[k], s.X[k]
			}
			first, last = min(first, s.X[k]), max(last, s.X[k])
			points++
			sum += uint64(s.Y[k])
		}
	}
	return points, sum, first, last
}

// carried adds up rates over windows of a second to bytes: of the series whose name begins so, or of all subflows.
func carried(c *display.Chart, prefix string) uint64 {
	bits := 0.0
	for i := range c.Series {
		if s := &c.Series[i]; s.Group >= 0 && strings.HasPrefix(s.Name, prefix) {
			for _, y := range s.Y {
				bits += y
			}
		}
	}
	return uint64(math.Round(bits / 8))
}

// unmapped is where the figures are wrong, which rest on tshark's numbers: of connection 4 of server_2.pcap tshark does not
// find the mappings of ten segments, of 1428 bytes each. At the other end (client_2.pcap) it does.
var unmapped = struct{ found, true uint64 }{866025, 866025 + 10*1428}

// checkConnectionOracle compares one direction of a connection: what each subflow carried, its share, and the data in all.
func checkConnectionOracle(t *testing.T, s *core.Session, id int, dest string, want *oracleWay) {
	t.Helper()
	what := fmt.Sprintf("connection %d towards the %s", id, dest)
	options, _, _, _ := total(chartOf(t, s, fmt.Sprintf("plot attr %d %s tcplen --where 'subtype != nil'", id, dest)))
	if _, bytes, _, _ := total(chartOf(t, s, fmt.Sprintf("plot attr %d %s tcplen", id, dest))); options != want.Packets || bytes != want.Bytes {
		t.Errorf("%s: %d packets with options and %d bytes are drawn, want %d and %d", what, options, bytes, want.Packets, want.Bytes)
	}
	rates := chartOf(t, s, fmt.Sprintf("plot tput %d %s --window 1", id, dest))
	shares := chartOf(t, s, fmt.Sprintf("plot contribution %d %s --window 1000000", id, dest))
	for _, sub := range want.Subflows {
		name := strconv.Itoa(sub.Stream) + " ·"
		if got := carried(rates, name); got != sub.Bytes {
			t.Errorf("%s: subflow %d carries %d bytes, want %d", what, sub.Stream, got, sub.Bytes)
		}
		share := 0.0
		for i := range shares.Series {
			if p := &shares.Series[i]; strings.HasPrefix(p.Name, name) {
				share = p.Y[0] * 100
			}
		}
		if math.Abs(share-sub.Share) > 0.00501 {
			t.Errorf("%s: subflow %d has a share of %.3f %%, want %.2f", what, sub.Stream, share, sub.Share)
		}
	}
	unique := want.Unique
	if unique == unmapped.found {
		unique = unmapped.true
	}
	if got := carried(chartOf(t, s, fmt.Sprintf("plot gput %d %s --window 1", id, dest)), ""); got != unique {
		t.Errorf("%s: the goodput adds up to %d bytes, want %d", what, got, unique)
	}
}

// checkReinjectionOracle demands that every reinjection is drawn, at the packet that repeats one before it.
func checkReinjectionOracle(t *testing.T, s *core.Session, figures *oracle) {
	t.Helper()
	frames := framesByPacket(t, s, len(figures.Streams))
	drawn, data := map[uint32]uint64{}, map[uint32]point{}
	for id := range figures.Connections {
		for _, p := range pointsOf(chartOf(t, s, fmt.Sprintf("plot attr %d reinjection_of", id)), every) {
			drawn[p.frame] = p.y
		}
		for _, p := range pointsOf(chartOf(t, s, fmt.Sprintf("plot dsn %d", id)), marked(display.Segments)) {
			data[p.frame] = p
		}
	}
	for _, r := range figures.Reinjections {
		frame := frames[r.Packet-1]
		got, ok := drawn[frame]
		if ok && slices.Contains(strings.Split(r.Of, ","), strconv.FormatUint(got, 10)) {
			continue
		}
		// tshark knows the last packet only that carried the data, the plot shows the first one.
		again := data[frame]
		if !ok || got == 0 || got >= uint64(r.Packet) {
			t.Errorf("packet %d is drawn as a reinjection of %d, want %s", r.Packet, got, r.Of)
		} else if first := data[frames[got-1]]; first.y >= again.y2 || again.y >= first.y2 || first.stream == again.stream {
			t.Errorf("packet %d (%+v) is drawn as a reinjection of %d (%+v), want %s", r.Packet, again, got, first, r.Of)
		}
	}
}
