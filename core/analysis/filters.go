package analysis

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// filter is a filter of another program's language.
type filter struct{ program, passes, text string }

// ConnFilters are filters that pass the packets of a connection.
func ConnFilters(t *trace.Trace, c *conn.Conn) *display.Table {
	var streams []*stream.Stream
	var ids []string
	for i := range c.Subflows {
		s := &t.Streams[c.Subflows[i].Stream]
		streams = append(streams, s)
		ids = append(ids, fmt.Sprint(s.ID))
	}
	filters := []filter{
		{"tcpdump", "the subflows", captureFilter(streams)},
		{"Wireshark", "the subflows", displayFilter(streams)},
		{"Wireshark", "the subflows, in this capture", "tcp.stream in {" + strings.Join(ids, ", ") + "}"},
	}
	mptcp := []string{fmt.Sprintf("mptcp.stream == %d", c.ID)}
	for _, alias := range c.Aliases {
		mptcp = append(mptcp, fmt.Sprintf("mptcp.stream == %d", alias))
	}
	filters = append(filters, filter{"Wireshark", "its packets with MPTCP options, in this capture", strings.Join(mptcp, " or ")})
	return filterTable(t, fmt.Sprintf("Filters for connection %d", c.ID), filters)
}

// StreamFilters are filters that pass the packets of a TCP stream.
func StreamFilters(t *trace.Trace, s *stream.Stream) *display.Table {
	one := []*stream.Stream{s}
	return filterTable(t, fmt.Sprintf("Filters for TCP stream %d", s.ID), []filter{
		{"tcpdump", "the stream", captureFilter(one)},
		{"Wireshark", "the stream", displayFilter(one)},
		{"Wireshark", "the stream, in this capture", fmt.Sprintf("tcp.stream == %d", s.ID)},
	})
}

// captureFilter is libpcap's: tcpdump knows the IPv4 and IPv6 headers by itself.
func captureFilter(streams []*stream.Stream) string {
	var parts []string
	for _, s := range streams {
		parts = append(parts, fmt.Sprintf("(tcp and host %s and host %s and port %d and port %d)",
			s.Client.Addr(), s.Server.Addr(), s.Client.Port(), s.Server.Port()))
	}
	return strings.Join(distinct(parts), " or ")
}

func displayFilter(streams []*stream.Stream) string {
	var parts []string
	for _, s := range streams {
		ip := "ip"
		if s.Client.Addr().Is6() {
			ip = "ipv6"
		}
		parts = append(parts, fmt.Sprintf("(%s.addr == %s and %s.addr == %s and tcp.port == %d and tcp.port == %d)",
			ip, s.Client.Addr(), ip, s.Server.Addr(), s.Client.Port(), s.Server.Port()))
	}
	return strings.Join(distinct(parts), " or ")
}

// distinct leaves out what came before: a 4-tuple that was used again.
func distinct(parts []string) []string {
	seen, kept := map[string]bool{}, parts[:0]
	for _, p := range parts {
		if !seen[p] {
			seen[p], kept = true, append(kept, p)
		}
	}
	return kept
}

func filterTable(t *trace.Trace, title string, filters []filter) *display.Table {
	list := table(t, filterFields, len(filters), func(row int) filter { return filters[row] })
	list.Name, list.Title = "filters", title
	return list
}

var filterFields = []field[filter]{
	{display.Column{Key: "program", Head: "For", Doc: "the program whose language it is"}, func(_ *trace.Trace, f filter) display.Value {
		return display.Str(f.program)
	}},
	{display.Column{Key: "passes", Head: "Passes", Doc: "what comes through"}, func(_ *trace.Trace, f filter) display.Value {
		return display.Str(f.passes)
	}},
	{display.Column{Key: "filter", Head: "Filter", Wide: true, Doc: "ready to be used"}, func(_ *trace.Trace, f filter) display.Value {
		return display.Str(f.text)
	}},
}
