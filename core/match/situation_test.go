package match_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// script makes a trace of a packet script.
func script(t *testing.T, text string) *trace.Trace {
	t.Helper()
	file, err := dissecttest.Capture(text)
	if err != nil {
		t.Fatal(err)
	}
	return loadTrace(t, file)
}

func pairUp(t *testing.T, a, b string) *match.Pairing {
	t.Helper()
	p, err := match.Captures(context.Background(), script(t, a), script(t, b))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told writes what was paired: for each flow its hops, by packet ids of sender and receiver, and what is missing.
func told(p *match.Pairing) string {
	var lines []string
	for i := range p.Flows {
		f := &p.Flows[i]
		s := fmt.Sprintf("%d=%d %v:", p.Streams[f.Stream].A, p.Streams[f.Stream].B, f.Dest)
		for _, h := range f.Hops {
			s += fmt.Sprintf(" %d>%d", h.Sent+1, h.Received+1)
		}
		for _, m := range f.Sent {
			s += fmt.Sprintf(" -%d(%v)", m.Row+1, m.Why)
		}
		for _, m := range f.Received {
			s += fmt.Sprintf(" +%d(%v)", m.Row+1, m.Why)
		}
		lines = append(lines, s)
	}
	return strings.Join(lines, "\n")
}

const handshake = `
0.00 C>S 0 S isn=0x1000 ts=10/0 mp_capable
0.10 S>C 0 S. isn=0x2000 ts=20/10 mp_capable
0.10 C>S 0 . ts=11/20 mp_capable
`

// late is the handshake as the server sees it.
const late = `
0.05 C>S 0 S isn=0x1000 ts=10/0 mp_capable
0.05 S>C 0 S. isn=0x2000 ts=20/10 mp_capable
0.15 C>S 0 . ts=11/20 mp_capable
`

// situations are pairs of captures, the client's first, with what must come out.
var situations = []struct {
	name, a, b, want string
}{
	{"receive offload: three segments here are one there", handshake + `
0.20 C>S 0 . len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1 dlen=300
0.20 C>S 0 . len=100 seq=101 ts=12/20 dss dsn8=1 ssn=1 dlen=300
0.20 C>S 0 P. len=100 seq=201 ts=12/20 dss dsn8=1 ssn=1 dlen=300`, late + `
0.25 C>S 0 P. len=300 seq=1 ts=12/20 dss dsn8=1 ssn=1 dlen=300`,
		"0=0 Client: 2>2\n0=0 Server: 1>1 3>3 4>4 5>4 6>4"},
	{"segmentation offload: one segment here is three there, of which one is lost", handshake + `
0.20 C>S 0 P. len=300 seq=1 ts=12/20 dss dsn8=1 ssn=1 dlen=300`, late + `
0.25 C>S 0 . len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1 dlen=300
0.25 C>S 0 P. len=100 seq=201 ts=12/20 dss dsn8=1 ssn=1 dlen=300`,
		"0=0 Client: 2>2\n0=0 Server: 1>1 3>3 4>4 4>5 -4(lost on the path)"},
	{"the receiver acknowledged what its capture does not have", handshake + `
0.20 C>S 0 P. len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1
0.21 C>S 0 P. len=100 seq=101 ts=13/20 dss dsn8=101 ssn=101
0.22 C>S 0 P. len=100 seq=201 ts=14/20 dss dsn8=201 ssn=201
0.33 S>C 0 . ack=301 ts=21/14`, late + `
0.26 C>S 0 P. len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1
0.27 C>S 0 P. len=100 seq=201 ts=14/20 dss dsn8=201 ssn=201
0.28 S>C 0 . ack=301 ts=21/14`,
		"0=0 Client: 2>2 6>7\n0=0 Server: 1>1 3>3 4>4 6>5 -5(arrived, but the capture there missed it)"},
	{"lost, and sent again", handshake + `
0.20 C>S 0 P. len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1
0.60 C>S 0 P. len=100 seq=1 ts=40/20 dss dsn8=1 ssn=1
0.71 S>C 0 . ack=101 ts=60/40`, late + `
0.65 C>S 0 P. len=100 seq=1 ts=40/20 dss dsn8=1 ssn=1
0.66 S>C 0 . ack=101 ts=60/40`,
		"0=0 Client: 2>2 5>6\n0=0 Server: 1>1 3>3 5>4 -4(lost on the path)"},
	{"a middlebox replaces initial sequence numbers and the window", handshake + `
0.20 C>S 0 P. len=100 seq=1 win=500 ts=12/20 dss dsn8=1 ssn=1
0.31 S>C 0 . ack=101 ts=21/12`, `
0.05 C>S 0 S isn=0x70001000 ts=10/0 mp_capable
0.05 S>C 0 S. isn=0x2000 ts=20/10 mp_capable
0.15 C>S 0 . ts=11/20 mp_capable
0.25 C>S 0 P. len=100 seq=1 win=400 ts=12/20 dss dsn8=1 ssn=1
0.26 S>C 0 . ack=101 ts=21/12`,
		"0=0 Client: 2>2 5>5\n0=0 Server: 1>1 3>3 4>4"},
	{"a reset that nobody sent", handshake + `
0.20 C>S 0 P. len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1
0.22 S>C 0 R seq=1
0.31 S>C 0 . seq=1 ack=101 ts=21/12`, late + `
0.25 C>S 0 P. len=100 seq=1 ts=12/20 dss dsn8=1 ssn=1
0.26 S>C 0 . seq=1 ack=101 ts=21/12`,
		"0=0 Client: 2>2 5>6 +5(the sender's capture has no such reset: a middlebox may have sent it)\n0=0 Server: 1>1 3>3 4>4"},
	{"ports used again: only the second connection is there", `
flow 0 10.0.0.1:40000 10.0.0.2:80
0.00 C>S 0 S isn=0x1000 ts=10/0
0.10 S>C 0 S. isn=0x2000 ts=20/10
0.10 C>S 0 R. ts=11/20
1.00 C>S 0 S isn=0x5000 ts=110/0
1.10 S>C 0 S. isn=0x6000 ts=120/110
1.10 C>S 0 . ts=111/120`, `
flow 0 10.0.0.1:40000 10.0.0.2:80
1.05 C>S 0 S isn=0x5000 ts=110/0
1.05 S>C 0 S. isn=0x6000 ts=120/110
1.15 C>S 0 . ts=111/120`,
		"1=0 Client: 2>5\n1=0 Server: 4>1 6>3"},
	{"one capture lacks the handshake and takes the server for the client", `
flow 0 10.0.0.1:40000 10.0.0.2:50000
0.00 C>S 0 S isn=0x1000 ts=10/0
0.10 S>C 0 S. isn=0x2000 ts=20/10
0.10 C>S 0 . ts=11/20
0.20 S>C 0 P. len=50 seq=1 ts=30/11
0.20 C>S 0 . ack=51 ts=12/30
0.40 C>S 0 P. len=50 seq=1 ts=13/30
0.50 S>C 0 . ack=51 ts=31/13`, `
flow 1 10.0.0.2:50000 10.0.0.1:40000
0.15 C>S 1 P. len=50 seq=0x2001 ack=0x1001 ts=30/11
0.25 S>C 1 . seq=0x1001 ack=0x2033 ts=12/30
0.45 S>C 1 P. len=50 seq=0x1001 ack=0x2033 ts=13/30
0.45 C>S 1 . seq=0x2033 ack=0x1033 ts=31/13`,
		"0=0 Client: 1>4 4>7 +2(the other capture had not begun)\n0=0 Server: 5>2 6>3 -1(the other capture had not begun) -3(the other capture had not begun)"},
}

func TestSituations(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			if got := told(pairUp(t, s.a, s.b)); got != s.want {
				t.Errorf("got\n%s\nwant\n%s", got, s.want)
			}
			// The order of the captures changes nothing but their names.
			back := pairUp(t, s.b, s.a)
			forth := pairUp(t, s.a, s.b)
			if back.Guess != forth.Guess || len(back.Streams) != len(forth.Streams) || !back.Guess && back.Near == forth.Near {
				t.Errorf("the other way round: near %v and %v", back.Near, forth.Near)
			}
		})
	}
}

// Two captures with nothing in common pair nothing, and their clocks are not compared.
func TestNothingInCommon(t *testing.T) {
	p := pairUp(t, handshake, strings.NewReplacer("0x1000", "0x9000", "0x2000", "0xa000", " 0 ", " 7 ").Replace("key C 0x55\nkey S 0x66\n"+handshake))
	if len(p.Streams) != 0 || len(p.Conns) != 0 || !p.Guess {
		t.Errorf("paired %+v and %+v", p.Streams, p.Conns)
	}
	if c := p.Clock(match.A, match.Given{}); c.Method != match.OneWay || c.HasLow || c.HasHigh || c.Offset != 0 {
		t.Errorf("clock %+v", c)
	}
}

// Packets of one direction only bound the offset on one side.
func TestOneDirection(t *testing.T) {
	a, b := "0.00 C>S 0 S isn=0x1000 ts=10/0\n0.10 C>S 0 . ts=11/20\n", "5.05 C>S 0 S isn=0x1000 ts=10/0\n5.15 C>S 0 . ts=11/20\n"
	c := pairUp(t, a, b).Clock(match.A, match.Given{})
	if c.Method != match.OneWay || c.HasLow || !c.HasHigh {
		t.Errorf("clock %+v", c)
	}
}

func TestRanking(t *testing.T) {
	a, b := script(t, handshake), script(t, late+"0.2 C>S 1 S isn=0x77 ts=10/0\n")
	streams := match.RankStreams(a, b, 0)
	if len(streams) != 2 || streams[0].ID != 0 || !streams[0].Certain || streams[1].Certain || streams[1].Score >= 0 {
		t.Errorf("streams %+v", streams)
	}
	if !slices.ContainsFunc(streams[0].Reasons, func(r match.Reason) bool { return r.What == "client's initial sequence number" && r.Points == 100 }) {
		t.Errorf("reasons %+v", streams[0].Reasons)
	}
	conns := match.RankConns(a, b, 0)
	if len(conns) == 0 || conns[0].ID != 0 || !conns[0].Certain || conns[0].Score != 210 {
		t.Errorf("connections %+v", conns)
	}
}
