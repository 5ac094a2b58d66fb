package sheet

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// row is one packet of a table.
type row struct {
	time         int64 // ns since the epoch
	before       int64 // since the first frame of the capture
	name         string
	src, dst     netip.AddrPort
	stream       uint64
	flags        uint16
	seq, ack     uint32 // relative
	hasAck       bool
	length       uint32
	window       uint64 // scaled
	kinds        []uint64
	ts           [2]uint32
	hasTS        bool
	conn         int64         // mptcp.stream, -1 none
	version      mptcp.Version // of an MP_CAPABLE, where it is told or can be told
	hasVersion   bool
	subtypes     []uint64
	told         bool // the table has the column of the subtypes
	sendKeys     []uint64
	recvKeys     []uint64
	tokens       []uint64
	fins         []uint64
	dsns, acks   []uint64 // as they stand in the options
	ssns, sizes  []uint64
	addresses    []uint64
	dsn, dack    uint64 // relative
	hasDSN, hasD bool
}

// reader reads the cells of one row; the first error stays.
type reader struct {
	columns map[string]int
	cells   []string
	err     error
}

func (r *reader) text(name string) string {
	at := r.columns[name]
	if at == 0 || at > len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[at-1])
}

func (r *reader) fail(name, text, wanted string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %q is no %s", name, text, wanted)
	}
}

// list reads numbers separated by commas, decimal or with 0x.
func (r *reader) list(name string) []uint64 {
	text := r.text(name)
	if text == "" {
		return nil
	}
	var all []uint64
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 0, 64)
		if err != nil { // the original's tables hold whole numbers as 5.0, or as true and false
			n, err = oddNumber(part)
		}
		if err != nil {
			r.fail(name, text, "number")
			return nil
		}
		all = append(all, n)
	}
	return all
}

func oddNumber(text string) (uint64, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return 1, nil
	case "false":
		return 0, nil
	}
	whole, rest, _ := strings.Cut(strings.TrimSpace(text), ".")
	if strings.Trim(rest, "0") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseUint(strings.TrimLeft(whole[:max(len(whole)-1, 0)], "0")+whole[max(len(whole)-1, 0):], 10, 64)
}

// number reads the first number of a cell, which must not be above most.
func (r *reader) number(name string, most uint64) (n uint64, ok bool) {
	all := r.list(name)
	if len(all) == 0 {
		return 0, false
	}
	if all[0] > most {
		r.fail(name, r.text(name), fmt.Sprintf("number up to %d", most))
	}
	return all[0], true
}

// wanted is a number that must be there.
func (r *reader) wanted(name string, most uint64) uint64 {
	n, ok := r.number(name, most)
	if !ok && r.err == nil {
		r.fail(name, "", "number")
	}
	return n
}

// seconds reads a time exactly, as ns.
func (r *reader) seconds(name string) (ns int64, ok bool) {
	text := r.text(name)
	if text == "" {
		return 0, false
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	s, err := strconv.ParseUint(whole, 10, 33)
	if len(fraction) > 9 {
		fraction = fraction[:9]
	}
	n, err2 := strconv.ParseUint((fraction + "000000000")[:9], 10, 32)
	if err != nil || err2 != nil {
		r.fail(name, text, "time in seconds")
	}
	ns = int64(s)*1e9 + int64(n)
	if negative {
		ns = -ns
	}
	return ns, true
}

func (r *reader) addr(ip, port string) netip.AddrPort {
	a, err := netip.ParseAddr(r.text(ip))
	if err != nil {
		r.fail(ip, r.text(ip), "address")
	}
	return netip.AddrPortFrom(a, uint16(r.wanted(port, 1<<16-1)))
}

// parse reads a row.
func parse(columns map[string]int, cells []string) (*row, error) {
	r := &reader{columns: columns, cells: cells}
	p := &row{conn: -1, name: r.text("interface"), src: r.addr("ipsrc", "sport"), dst: r.addr("ipdst", "dport")}
	p.stream = r.wanted("tcpstream", 1<<32-1)
	p.flags = uint16(r.wanted("tcpflags", 1<<12-1))
	p.seq, p.length = uint32(r.wanted("tcpseq", 1<<32-1)), uint32(r.wanted("tcplen", 1<<31))
	var absolute bool
	p.time, absolute = r.seconds("abstime")
	if since, ok := r.seconds("reltime"); ok {
		if p.before = since; !absolute {
			p.time = since
		}
	}
	ack, hasAck := r.number("tcpack", 1<<32-1)
	p.ack, p.hasAck = uint32(ack), hasAck
	p.window, _ = r.number("rwnd", 1<<40)
	p.kinds = r.list("tcpoptions")
	value, has := r.number("tcptsval", 1<<32-1)
	echo, _ := r.number("tcptsecr", 1<<32-1)
	p.ts, p.hasTS = [2]uint32{uint32(value), uint32(echo)}, has
	if conn, ok := r.number("mptcpstream", 1<<32-1); ok {
		p.conn = int64(conn)
	}
	version, hasVersion := r.number("mptcpversion", 15)
	p.version, p.hasVersion = mptcp.Version(version), hasVersion
	p.told = columns["subtype"] != 0
	p.subtypes = r.list("subtype")
	p.sendKeys, p.recvKeys, p.tokens = r.list("sendkey"), r.list("recvkey"), r.list("recvtok")
	p.tellVersion(r.list("expected_token"))
	p.fins, p.dsns, p.acks = r.list("datafin"), r.list("dss_dsn"), r.list("dss_rawack")
	p.ssns, p.sizes, p.addresses = r.list("dss_ssn"), r.list("dss_length"), r.list("addrid")
	p.dsn, p.hasDSN = r.number("dsn", 1<<64-1)
	p.dack, p.hasD = r.number("dack", 1<<64-1)
	if p.src.Addr().Is4() != p.dst.Addr().Is4() {
		r.fail("ipdst", r.text("ipdst"), "address of the source's family")
	}
	return p, r.err
}

// tellVersion finds the version of an MP_CAPABLE where no column has it: by the token that belongs to the key, or as only
// a version 1 SYN shows no key.
func (p *row) tellVersion(tokens []uint64) {
	switch {
	case p.hasVersion:
	case len(p.sendKeys) > 0 && len(tokens) > 0:
		p.hasVersion = true
		if uint64(mptcp.Key(p.sendKeys[0]).Token(1)) == tokens[0] {
			p.version = 1
		}
	case p.syn() && len(p.sendKeys) == 0 && slices.Contains(p.subtypes, uint64(mptcp.SubCapable)):
		p.version, p.hasVersion = 1, true
	}
}

// syn says that the packet opens a stream, or answers that.
func (p *row) syn() bool { return p.flags&stream.SYN != 0 }
