// Package displaytest makes sample answers, the same at every call, for the tests of the renderers: a connection of two
// subflows as a chart with every mark, histograms, stacked shares, several panels, hostile names, and a table with every
// kind of value. It is for tests only.
package displaytest

import (
	"math"
	"math/rand"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Start is when the samples begin: 2023-11-14 22:13:20 UTC, in ns since the epoch.
const Start = 1_700_000_000_000_000_000

// Hostile is text that breaks out of careless HTML, JavaScript and terminals.
const Hostile = `"><script>window.pwned=1</script>__f__alert(1)__f__'\` + "\x1b[31m\u202e&amp;"

// Two names of subflows, as legends have them.
const (
	first  = "0 · 10.0.1.1:48990 → 10.0.1.2:5001"
	second = "1 · 10.0.2.1:36661 → 10.0.2.2:5001"
)

// DSN is the data sequence numbers of an upload over two subflows of about n segments: mappings as spans, data acks,
// retransmissions, reinjections, duplicate acks and the events of the handshakes.
func DSN(n int) *display.Chart {
	r := rand.New(rand.NewSource(42))
	const mss = 1420
	sent := []display.Series{
		{Name: first, Group: 0, Mark: display.Segments},
		{Name: second, Group: 1, Mark: display.Segments},
	}
	answers := display.Series{Name: "0 · 10.0.1.2:5001 → 10.0.1.1:48990", Group: 0, Dashed: true, Mark: display.Segments}
	ack := display.Series{Name: "data ack", Group: display.Connection, Dashed: true, Thin: true, Mark: display.Steps}
	again := display.Series{Name: "retransmission", Group: 0, Mark: display.Retransmit}
	reinjected := display.Series{Name: "reinjection of subflow 0's data", Group: 0, Mark: display.Reinject}
	var now, next int64
	for i := range n {
		now += 400_000 + r.Int63n(900_000)
		if i > n/2 && i < n/2+n/10 {
			now += 1_500_000
		}
		s := &sent[0]
		if r.Intn(3) == 0 || i > n/2 && i < n/2+n/10 {
			s = &sent[1]
		}
		s.X, s.Y, s.Y2 = append(s.X, now), append(s.Y, float64(next)), append(s.Y2, float64(next+mss))
		s.Frame = append(s.Frame, uint32(4+2*i))
		if r.Intn(40) == 0 {
			add(&again, now+30_000_000, float64(next), uint32(5+2*i), "timeout")
		}
		if i > n/2 && i < n/2+n/20 && r.Intn(4) == 0 {
			add(&reinjected, now+12_000_000, float64(next-40*mss), uint32(5+2*i), "subflow 0 stalls")
		}
		if i%50 == 7 {
			from := float64(i) * 100
			add(&answers, now, from, uint32(7+2*i), "")
			answers.Y2 = append(answers.Y2, from+5000)
		}
		next += mss
		add(&ack, now+18_000_000, float64(next), uint32(6+2*i), "")
	}
	events := display.Series{Name: "events", Group: display.Connection, Mark: display.Event}
	add(&events, 0, 0, 1, "SYN")
	add(&events, 25_000_000, 0, 9, "ADD_ADDR 2")
	add(&events, 60_000_000, 0, 14, "MP_JOIN")
	add(&events, now/2, float64(next)*0.45, uint32(n), "MP_PRIO")
	add(&events, now+60_000_000, float64(next), uint32(2*n+9), "FIN")
	return &display.Chart{
		ID: "dsn-0", Title: "Data sequence numbers · connection 0", Subtitle: "towards the server · two-path.pcapng",
		Command: "plot dsn 0 Server",
		X:       display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: Start, Moments: true},
		Y:       display.Axis{Label: "Data sequence number", Unit: display.SequenceNumber, Base: 14_142_135_623_730_950_488},
		Series:  []display.Series{ack, answers, sent[0], sent[1], again, reinjected, events},
	}
}

func add(s *display.Series, x int64, y float64, packet uint32, label string) {
	s.X, s.Y, s.Frame = append(s.X, x), append(s.Y, y), append(s.Frame, packet)
	if label != "" || s.Labels != nil || s.Mark == display.Event {
		s.Labels = append(s.Labels, label)
	}
}

// Throughput is the rate of two subflows and of the connection, both directions, in a panel above the bytes in flight.
func Throughput(n int) *display.Chart {
	r := rand.New(rand.NewSource(7))
	c := &display.Chart{
		ID: "tput-0", Title: "Throughput · connection 0", Subtitle: "both directions · two-path.pcapng", Command: "plot tput 0",
		X:      display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: Start, Moments: true},
		Y:      display.Axis{Label: "Throughput", Unit: display.BitsPerSecond},
		Panels: []display.Axis{{Label: "In flight", Unit: display.Bytes}},
	}
	total := display.Series{Name: "MPTCP", Group: display.Connection}
	for group, name := range []string{first, second} {
		up := display.Series{Name: name, Group: group}
		down := display.Series{Name: name + ", back", Group: group, Dashed: true}
		flight := display.Series{Name: name, Group: group, Mark: display.Steps, Panel: 1}
		for i := range n {
			x := int64(i) * 100_000_000
			y := 8e6*float64(2-group) + 2e6*math.Sin(float64(i)/7+float64(group)) + 8e5*r.NormFloat64()
			up.X, up.Y = append(up.X, x), append(up.Y, y)
			down.X, down.Y = append(down.X, x), append(down.Y, y/20)
			flight.X, flight.Y = append(flight.X, x), append(flight.Y, math.Trunc(y/80))
			if group == 0 {
				total.X, total.Y = append(total.X, x), append(total.Y, y)
			} else {
				total.Y[i] += y
			}
		}
		for i := n / 3; i < n/3+n/12 && group == 1; i++ {
			up.Y[i], down.Y[i] = math.NaN(), math.NaN()
		}
		c.Series = append(c.Series, up, down, flight)
	}
	c.Series = append(c.Series, total)
	c.Notes = []string{"subflow 1 carries nothing between 3.3 s and 4.1 s: its link is down"}
	return c
}

// Histogram is a distribution over 24 bins.
func Histogram() *display.Chart {
	s := display.Series{Name: "data ack after", Group: display.Connection, Mark: display.Bars}
	for i := range int64(24) {
		s.X = append(s.X, i*2_500_000)
		s.Y = append(s.Y, math.Round(400*math.Exp(-math.Pow(float64(i)-7, 2)/20)+60*math.Exp(-math.Pow(float64(i)-18, 2)/4)))
	}
	return &display.Chart{
		ID: "latency-0", Title: "Time to the data ack · connection 0", Subtitle: "towards the server · two-path.pcapng",
		Command: "plot latency 0 --bins 24",
		X:       display.Axis{Label: "Latency", Unit: display.Nanoseconds}, Y: display.Axis{Label: "Packets", Unit: display.Packets},
		Series: []display.Series{s},
	}
}

// Shares is the part of three subflows in what a connection carries, one on top of the other.
func Shares() *display.Chart {
	c := &display.Chart{
		ID: "contribution-0", Title: "Contribution of the subflows · connection 0", Subtitle: "towards the server · two-path.pcapng",
		Command: "plot contribution 0 Server",
		X:       display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: Start, Moments: true}, Y: display.Axis{Label: "Share", Unit: display.Ratio},
	}
	for group, name := range []string{first, second, "4 · [2001:db8::1]:48991 → [2001:db8::2]:5001"} {
		s := display.Series{Name: name, Group: group, Mark: display.Stack}
		for i := range int64(60) {
			a := 0.45 + 0.2*math.Sin(float64(i)/9)
			s.X = append(s.X, i*250_000_000)
			s.Y = append(s.Y, []float64{a, (1 - a) * 0.7, (1 - a) * 0.3}[group])
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// HostileChart has text from a capture that tries to be run wherever a chart shows text.
func HostileChart() *display.Chart {
	c := DSN(40)
	c.ID, c.Title, c.Subtitle, c.Command = Hostile, Hostile, Hostile, Hostile
	c.X.Label, c.Y.Label, c.Notes = Hostile, Hostile, []string{Hostile}
	for i := range c.Series {
		c.Series[i].Name = Hostile
		for k := range c.Series[i].Labels {
			c.Series[i].Labels[k] = Hostile
		}
	}
	return c
}

// Subflows is a table with every kind of value.
func Subflows() *display.Table {
	rows := [][]display.Value{
		{display.Subflow(0, 0), display.Str("10.0.1.1:48990"), display.Str("10.0.1.2:5001"), display.Uint(48990), display.Uint(3_145_728),
			display.Float(0.642), display.Float(12.34e6), display.Duration(20_412_345_678), display.Time(Start + 1234), display.Bool(true),
			display.Uint(14_142_135_623_730_950_488), display.Str("carries most; its link goes down for 800 ms at 12.3 s, and 31 segments are sent again on subflow 1")},
		{display.Subflow(1, 3), display.Str("[2001:db8:0:1::17]:36661"), display.Str("[2001:db8:0:1::2]:5001"), display.Uint(36661), display.Uint(1_753_210),
			display.Float(0.358), display.Float(890e3), display.Duration(1_250_000), display.Time(Start + 61_500_000), display.Bool(false),
			display.Uint(9_007_199_254_740_993), display.Str("joined at 61.5 ms")},
		{display.Subflow(2, 12), display.Str("10.0.3.1:50123"), display.Str("10.0.3.2:5001"), display.Uint(50123), display.Uint(0),
			display.Float(0), display.Value{}, display.Value{}, display.Value{}, display.Value{}, display.Value{}, display.Value{}},
	}
	return &display.Table{
		Name: "subflows", Title: "Subflows of connection 0", Command: "ls 0", Source: "two-path.pcapng",
		Columns: []display.Column{
			{Key: "tcpstream", Head: "Stream", Doc: "Wireshark's tcp.stream"},
			{Key: "client", Head: "Client", Wide: true},
			{Key: "server", Head: "Server", Wide: true},
			{Key: "port", Head: "Port", Exact: true},
			{Key: "bytes", Head: "To server", Unit: display.Bytes, Doc: "payload, each byte counted once"},
			{Key: "share", Head: "Share", Unit: display.Ratio, Share: true},
			{Key: "rate", Head: "Rate", Unit: display.BitsPerSecond},
			{Key: "duration", Head: "Duration", Unit: display.Nanoseconds},
			{Key: "start", Head: "Start", Unit: display.Nanoseconds, Origin: Start},
			{Key: "backup", Head: "Backup"},
			{Key: "idsn", Head: "Initial DSN", Unit: display.SequenceNumber, Exact: true},
			{Key: "verdict", Head: "Verdict", Wide: true},
		},
		Rows:  len(rows),
		Cell:  func(row, col int) display.Value { return rows[row][col] },
		Open:  func(row int) string { return "summary 0" },
		Empty: "connection 0 has no subflows",
	}
}
