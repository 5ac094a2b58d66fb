package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
)

// Words of commands that look at two captures. The short form names a connection of the current capture; the long one
// names both files, as the original did: owd tcp client.pcap 0 server.pcap 0.
var (
	protoParam     = Param{Name: "PROTOCOL", Kind: Choice, Choices: []string{"mptcp", "tcp"}, Doc: "tcp: the numbers are TCP streams"}
	firstFileParam = Param{Name: "FILE", Kind: CaptureFile, Doc: "capture that the first number belongs to; the current one when none is named"}
	otherFileParam = Param{Name: "OTHERFILE", Kind: CaptureFile, Doc: "the other capture; when two are loaded, the one that is not current"}
	otherConnParam = Param{Name: "OTHER", Kind: ConnID, Doc: "its number in the other capture, checked if given"}
	withParam      = Param{Name: "--with", Kind: Text, Value: "CAPTURE", Doc: "the other capture, by its name, number or file"}
	againstParam   = Param{Name: "--against", Kind: Text, Value: "CAPTURE", Doc: "the other capture, by its name, number or file"}
	clockParams    = []Param{
		{Name: "--offset", Kind: Text, Value: "SECONDS", Doc: "how far the server's clock is ahead of the client's at the first frame of the client's capture, if that is known; with a unit too: 2.5ms"},
		{Name: "--drift", Kind: Text, Value: "PPM", Doc: "how much the server's clock gains on the client's, in millionths, if that is known"},
		{Name: "--no-clock", Kind: Flag, Doc: "take times as captured"},
	}
	skipParam = Param{Name: "--skip", Kind: StreamID, Value: "TCPSTREAM", Repeat: true, Doc: "leave out this subflow"}
)

// pairWords are the positional words of a command about a connection, or with tcp a TCP stream, in two captures.
func pairWords(own ...Param) []Param {
	return append([]Param{protoParam, firstFileParam, connParam, otherFileParam, otherConnParam, destParam, destOption, skipParam, withParam}, append(own, clockParams...)...)
}

// pairing is what a session remembers of the two captures that were paired last.
type pairing struct {
	first, other *Loaded
	made         *match.Pairing
}

// paired pairs two captures, or remembers that it did.
func (s *Session) paired(ctx context.Context, first, other *Loaded) (*match.Pairing, error) {
	s.mu.Lock()
	last := s.pair
	s.mu.Unlock()
	if last.made != nil && last.first == first && last.other == other {
		return last.made, nil
	}
	p, err := match.Captures(ctx, first.Trace, other.Trace)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.pair = pairing{first, other, p}
	s.mu.Unlock()
	return p, nil
}

// twoCaptures are the captures that the words name: the first, which numbers belong to, and the other.
func (c *Call) twoCaptures(ctx context.Context) (first, other *Loaded, err error) {
	if first, err = c.plotted(ctx); err != nil {
		return nil, nil, err
	}
	for _, param := range []string{"OTHERFILE", "--with", "--against"} {
		if !c.Has(param) || param == "--with" && c.plotting() {
			continue
		}
		if other, err = c.CaptureOrFile(ctx, param); err != nil {
			return nil, nil, err
		}
		if other.Number == first.Number {
			return nil, nil, c.Blame(param, "%s is the same capture: a connection is compared with what another capture has of it", other.Name)
		}
		return first, other, nil
	}
	other, err = c.onlyOther(first)
	return first, other, err
}

// onlyOther is the other of two loaded captures.
func (c *Call) onlyOther(first *Loaded) (*Loaded, error) {
	var others []*Loaded
	for _, l := range c.Session.Captures() {
		if l.Number != first.Number { // another session may have loaded the first one again meanwhile
			others = append(others, l)
		}
	}
	option := "--with"
	if c.plotting() {
		option = "--against"
	}
	switch len(others) {
	case 1:
		return others[0], nil
	case 0:
		return nil, &LineError{Message: fmt.Sprintf("%s: this needs a second capture of the same traffic beside %s", c.Command.Name, first.Name),
			Usage: c.Command.Usage(), Suggestion: "load it: load FILE, or name both: " + c.Command.Name + " FILE 0 OTHERFILE 0"}
	}
	var names []string
	for _, l := range others {
		names = append(names, Quote(l.Name))
	}
	return nil, &LineError{Message: fmt.Sprintf("%s: which capture to compare %s with? %s", c.Command.Name, first.Name, strings.Join(names, ", ")),
		Usage: c.Command.Usage(), Suggestion: "say " + option + " " + names[0]}
}

// pairOf brings the captures that the words name together, as far as needed: with a connection or stream where of says so.
func (c *Call) pairOf(ctx context.Context, of pairOf, ofStream bool) (*analysis.Pair, *Loaded, error) {
	first, other, err := c.twoCaptures(ctx)
	if err != nil {
		return nil, nil, err
	}
	made, err := c.Session.paired(ctx, first, other)
	if err != nil {
		return nil, nil, err
	}
	p := &analysis.Pair{Pairing: made, Names: [2]string{first.Name, other.Name}, Near: made.Near}
	if p.Dest, err = c.Dest("DEST", "--dest"); err != nil {
		return nil, nil, err
	}
	switch {
	case of == ofCaptures || of == ofAny && !c.Has("CONNECTION"):
	case ofStream || c.Word("PROTOCOL") == "tcp":
		err = c.pairedStream(p, first, other)
	default:
		err = c.pairedConn(p, first, other)
	}
	if err != nil {
		return nil, nil, err
	}
	given, err := c.givenClock()
	if err != nil {
		return nil, nil, err
	}
	p.Clock = p.Pairing.Clock(p.Near, given)
	return p, &Loaded{Name: first.Name + " and " + other.Name, Trace: first.Trace}, nil
}

// pairOf says what a command asks about.
type pairOf uint8

const (
	ofOne      pairOf = iota // a connection or stream; the only one when none is named
	ofAny                    // one if it is named, else all
	ofCaptures               // the captures
)

// pairedConn finds the connection in both captures.
func (c *Call) pairedConn(p *analysis.Pair, first, other *Loaded) error {
	connection, err := c.connectionOf(first, "CONNECTION")
	if err != nil {
		return err
	}
	if p.Conn = p.ConnOf(match.A, connection.ID); p.Conn == nil {
		e := c.Blame("CONNECTION", "%s has no connection like connection %d of %s", other.Name, connection.ID, first.Name)
		e.Suggestion = fmt.Sprintf("map_mptcp %d tells what comes nearest", connection.ID)
		return e
	}
	if err := c.checkOther(p.Conn.B, "connection", first, other, connection.ID); err != nil {
		return err
	}
	p.Near = p.NearClient(p.Conn)
	p.Skip, err = c.Streams("--skip", connection)
	return err
}

// pairedStream finds the TCP stream in both captures.
func (c *Call) pairedStream(p *analysis.Pair, first, other *Loaded) error {
	param := "CONNECTION"
	if c.Has("STREAM") {
		param = "STREAM"
	}
	id, err := c.oneStream(first, param)
	if err != nil {
		return err
	}
	if p.Stream = p.StreamOf(match.A, id); p.Stream == nil {
		e := c.Blame(param, "%s has no TCP stream like stream %d of %s", other.Name, id, first.Name)
		e.Suggestion = fmt.Sprintf("map_tcp %d tells what comes nearest", id)
		return e
	}
	p.Near = p.NearTCPClient(p.Stream)
	return c.checkOther(p.Stream.B, "TCP stream", first, other, id)
}

// checkOther compares the number in the other capture that was found with the one that was given.
func (c *Call) checkOther(found uint32, what string, first, other *Loaded, id uint32) error {
	given := c.Word("OTHER")
	if given == "" || given == strconv.FormatUint(uint64(found), 10) {
		return nil
	}
	return c.Blame("OTHER", "%s %d of %s is %s %d of %s, not %s", what, id, first.Name, what, found, other.Name, given)
}

// givenClock is what the user says of the clocks.
func (c *Call) givenClock() (g match.Given, err error) {
	g.None = c.Has("--no-clock")
	if g.None && (c.Has("--offset") || c.Has("--drift")) {
		return g, c.Misused("--no-clock", "--no-clock takes times as captured: there is nothing to give")
	}
	if text := c.Word("--offset"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			d, err = time.ParseDuration(text + "s")
		}
		if err != nil {
			return g, c.Misused("--offset", "%q is no time in seconds, as 0.25 and -1.5ms are", text)
		}
		g.Offset, g.HasOffset = d.Nanoseconds(), true
	}
	if text := c.Word("--drift"); text != "" {
		ppm, err := strconv.ParseFloat(strings.TrimSuffix(text, "ppm"), 64)
		if err != nil || !(ppm > -1e5 && ppm < 1e5) {
			return g, c.Misused("--drift", "%q is no drift in ppm, as 25 and -3.5 are", text)
		}
		g.Drift, g.HasDrift = ppm/1e6, true
	}
	return g, nil
}

// pairIntroduction tells people what was paired and how the clocks were corrected.
func (c *Call) pairIntroduction(p *analysis.Pair) error {
	return c.verdictText(p.Words())
}

// plotting says that --with names a type of chart, and --against the other capture.
func (c *Call) plotting() bool { return c.Command.Name == "plot" }
