// Package dissecttest makes captures for tests out of a small readable text, the packet script, and writes captures as
// one. It is imported by tests only.
//
//	file, err := dissecttest.Capture("0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n")
//	text, err := dissecttest.Text(file)
//
// # The script
//
// A line is a packet; "#" starts a comment:
//
//	TIME FROM>TO FLOW FLAGS [tcp parameters] [option [its parameters]]…
//	0.010 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1
//
// TIME is in seconds. C and S are the client and the server of the MPTCP connection, FLOW is a number that stands for a
// pair of addresses and ports, FLAGS are letters as tcpdump writes them (S, F, R, P, U, E, W, e, and "." for ACK), or
// "-" for none. Sequence numbers and acks follow from the packets before, so that most lines need no numbers. In the place of FROM>TO and FLOW,
// ADDRESS:PORT>ADDRESS:PORT may stand.
//
// TCP parameters: len=N payload bytes, seq=N and ack=N relative to the initial sequence numbers or seq=0xN and ack=0xN raw,
// win=N, mss=N, wscale=N, ts=VAL/ECR, isn=0xN on a SYN, cut=N keeps only N bytes of the frame, data=HEX is the payload, with
// zeros up to len, frag=N/K sends only the Kth (1, 2, …) of the IP fragments with N bytes of the datagram each.
//
// Options:
//
//	mp_capable  flags=0xN key=0xN rkey=0xN dlen=N csum=…  keys as the version and the flags ask for, unless given
//	mp_join     id=N nonce=0xN token=0xN backup hmac=…
//	dss         ack4=N ack8=N dsn4=N dsn8=N ssn=N dlen=N csum=… fin
//	add_addr    id=N addr=A port=N echo hmac=…            remove_addr ids=N,N
//	mp_prio     backup id=N                               mp_fail dsn=N
//	mp_fastclose key=0xN                                  mp_tcprst reason=N transient
//	opt         HEX                                       any option, raw; nop and eol are options too
//
// Data sequence numbers and acks are relative, the first byte is 1; 0xN is raw. csum and hmac are "auto" (right, the
// default for hmac), "bad", or 0xN; hmac=early cuts an ADD_ADDR's on the wrong side, as early Linux did. Options are
// padded to 4 bytes with NOPs at the end.
//
// Directives, valid from their line on:
//
//	version N                       of MPTCP, 1 at first
//	key C 0xN                       of an end
//	flow N CLIENT:PORT SERVER:PORT  addresses of a flow number
//	link ethernet | raw             at the top
package dissecttest

import (
	"bufio"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// script is the state of a script while its lines are turned into frames.
type script struct {
	version mptcp.Version
	keys    [2]mptcp.Key // of client and server
	flows   map[int]*flow
	byAddr  map[[2]netip.AddrPort]*flow
	raw     bool // link type raw IP
	out     *writer
}

// flow is a pair of endpoints; index 0 is the client's.
type flow struct {
	end   [2]netip.AddrPort
	isn   [2]uint32
	next  [2]uint32 // next sequence number of each end
	known [2]bool
	nonce [2]uint32 // of the opener and of its peer, known before they are sent
	// opener is the end that sent the SYN.
	opener int
}

// Capture turns a packet script into a pcapng file.
func Capture(text string) ([]byte, error) {
	s := &script{version: 1, keys: [2]mptcp.Key{0x0102030405060708, 0x1112131415161718}, flows: map[int]*flow{},
		byAddr: map[[2]netip.AddrPort]*flow{}}
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := s.line(words); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	return s.out.close()
}

func (s *script) open() (err error) {
	if s.out == nil {
		s.out, err = newWriter(s.raw)
	}
	return err
}

func (s *script) line(words []string) error {
	switch words[0] {
	case "version", "key", "flow", "link":
		return s.directive(words)
	}
	if err := s.open(); err != nil {
		return err
	}
	p, words, err := s.head(words)
	if err != nil {
		return err
	}
	words, err = p.parameters(words)
	if err != nil {
		return err
	}
	p.settle()
	if err := s.options(p, words); err != nil {
		return err
	}
	return s.out.write(p)
}

func (s *script) directive(words []string) error {
	switch {
	case words[0] == "version" && len(words) == 2:
		v, err := strconv.ParseUint(words[1], 10, 4)
		s.version = mptcp.Version(v)
		return err
	case words[0] == "key" && len(words) == 3:
		end, ok := map[string]int{"C": 0, "S": 1}[words[1]]
		if !ok {
			return fmt.Errorf("no end %q", words[1])
		}
		v, err := strconv.ParseUint(words[2], 0, 64)
		s.keys[end] = mptcp.Key(v)
		return err
	case words[0] == "flow" && len(words) == 4:
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		client, err := netip.ParseAddrPort(words[2])
		if err != nil {
			return err
		}
		server, err := netip.ParseAddrPort(words[3])
		s.flows[n] = newFlow(client, server, n)
		return err
	case words[0] == "link" && len(words) == 2 && s.out == nil:
		s.raw = words[1] == "raw"
		return nil
	}
	return fmt.Errorf("bad directive %q", strings.Join(words, " "))
}

func newFlow(client, server netip.AddrPort, n int) *flow {
	f := &flow{end: [2]netip.AddrPort{client, server}, nonce: usualNonces}
	f.isn = [2]uint32{uint32(n+1) * 100_000, uint32(n+1) * 500_000}
	return f
}

// head reads time, ends, flow and flags.
func (s *script) head(words []string) (*packet, []string, error) {
	if len(words) < 3 {
		return nil, nil, fmt.Errorf("a packet needs time, ends, flow and flags")
	}
	at, err := parseTime(words[0])
	if err != nil {
		return nil, nil, err
	}
	p := &packet{time: at, window: 65535}
	switch words[1] {
	case "C>S", "S>C":
		if words[1] == "S>C" {
			p.from = 1
		}
		n, err := strconv.Atoi(words[2])
		if err != nil || len(words) < 4 {
			return nil, nil, fmt.Errorf("flow and flags expected after %s", words[1])
		}
		p.flow = s.numbered(n)
		words = words[3:]
	default:
		if err := s.addressed(p, words[1]); err != nil {
			return nil, nil, err
		}
		words = words[2:]
	}
	p.flags, err = parseFlags(words[0])
	return p, words[1:], err
}

// numbered is the flow of that number, with addresses made up if no directive gave them.
func (s *script) numbered(n int) *flow {
	f := s.flows[n]
	if f == nil {
		f = newFlow(
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n), 1}), uint16(40000+n)),
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n), 2}), 5001), n)
		s.flows[n] = f
	}
	return f
}

// addressed finds the flow of a packet with written out addresses; the first to send on it is its client.
func (s *script) addressed(p *packet, word string) error {
	from, to, _ := strings.Cut(word, ">")
	src, err := netip.ParseAddrPort(from)
	if err != nil {
		return err
	}
	dst, err := netip.ParseAddrPort(to)
	if err != nil {
		return err
	}
	if f := s.byAddr[[2]netip.AddrPort{dst, src}]; f != nil {
		p.flow, p.from = f, 1
		return nil
	}
	key := [2]netip.AddrPort{src, dst}
	if s.byAddr[key] == nil {
		s.byAddr[key] = newFlow(src, dst, 0)
		s.byAddr[key].isn = [2]uint32{}
	}
	p.flow = s.byAddr[key]
	return nil
}

// base is the time of a script's second 0.
const base = 1_700_000_000 * int64(time.Second)

func parseTime(word string) (int64, error) {
	whole, fraction, _ := strings.Cut(word, ".")
	if len(fraction) > 9 {
		return 0, fmt.Errorf("time %q has more than nine decimals", word)
	}
	s, err := strconv.ParseInt(whole, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("time %q", word)
	}
	ns, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("time %q", word)
	}
	return base + s*int64(time.Second) + ns, nil
}

// flagLetters are the letters of the TCP flags, from the lowest bit on.
const flagLetters = "FSRP.UEWe"

func parseFlags(word string) (flags uint16, err error) {
	if word == "-" {
		return 0, nil
	}
	for _, c := range word {
		i := strings.IndexRune(flagLetters, c)
		if i < 0 {
			return 0, fmt.Errorf("no TCP flag %q", c)
		}
		flags |= 1 << i
	}
	return flags, nil
}
