package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Diagnosis is what explain can say of a connection, of one of its subflows, or of an address.
type Diagnosis uint8

// Diagnoses. Those of the connection come first, the graver ones of each group first.
const (
	Healthy           Diagnosis = iota // MPTCP from the handshake to the end of the capture
	NotCaptured                        // the handshake is missing: what was agreed cannot be told
	ServerWithout                      // the server itself answered without MP_CAPABLE
	StrippedSYN                        // MP_CAPABLE was taken off the SYN
	StrippedSYNACK                     // MP_CAPABLE was taken off the SYN/ACK
	StrippedEither                     // one of the two: the server is known to speak MPTCP
	NoCapable                          // SYN/ACK without MP_CAPABLE: the server, or a middlebox
	StrippedHandshake                  // options were taken off what follows the SYNs
	StrippedAfter                      // options were taken off the SYN/ACK, or what follows it
	StrippedLater                      // options were taken off in the middle of the connection
	PeerFellBack                       // an end stops sending options; why is not in this capture
	ChecksumFailed                     // MP_FAIL, then plain TCP
	InfiniteMapping                    // a mapping of length 0 without MP_FAIL
	KeysDiffer                         // the ends do not agree on the keys
	NoAnswer                           // the SYN was never answered
	SYNDropped                         // only the SYN without MP_CAPABLE was answered
	Refused                            // the SYN was answered by a reset
	Unfinished                         // the SYN/ACK was never answered
	FastClosed                         // MP_FASTCLOSE
	CutOff                             // reset in the middle of the only subflow
	NotAsked                           // plain TCP: the SYN carried no MP_CAPABLE

	JoinRefused     // reset with the reason of MP_TCPRST
	JoinReset       // reset without one
	JoinForged      // wrong HMAC
	JoinStripped    // MP_JOIN was taken off
	JoinUnanswered  // the SYN with MP_JOIN was never answered
	JoinUnfinished  // the SYN/ACK of the join was never answered
	SubflowChecksum // MP_FAIL on a subflow of several
	SubflowStripped // options were taken off on a subflow of several
	SubflowReset    // reset in the middle of the connection
	SubflowRebound  // a NAT gave it another address or port
	AcksBare        // acks have no options any more, and what they acknowledge has
	PortsReused     // what follows the end is another connection's
	JoinsForbidden  // the C flag

	AddressForged     // ADD_ADDR with a wrong HMAC
	AddressUnanswered // no echo
	AddressUnused     // echoed, never joined
	JoinLate          // reset without a reason when both ends had ended their data: nothing is wrong
	NumDiagnoses      // how many there are
)

// diagnosisTexts name the diagnoses for tables, and say what would mend or explain the matter.
var diagnosisTexts = [NumDiagnoses]struct{ key, name, section, cure string }{
	Healthy:           {"mptcp", "MPTCP", "RFC 8684 3", ""},
	NotCaptured:       {"not-captured", "cannot tell: handshake not captured", "RFC 8684 3.1", "start the capture before the connection, with a snaplen of 128 or more"},
	ServerWithout:     {"server-without", "server without MPTCP", "RFC 8684 3.7", "let the server's application listen with IPPROTO_MPTCP (mptcpize run, or a runtime that does so), and check net.mptcp.enabled there"},
	StrippedSYN:       {"stripped-syn", "option stripped from the SYN", "RFC 8684 3.7", "find the middlebox on the way to the server: capture at both ends, and behind each firewall or proxy"},
	StrippedSYNACK:    {"stripped-synack", "MP_CAPABLE stripped from the SYN/ACK", "RFC 8684 3.7", "find the middlebox on the way from the server: capture at both ends, and behind each firewall or proxy"},
	StrippedEither:    {"stripped", "MP_CAPABLE stripped from SYN or SYN/ACK", "RFC 8684 3.7", "capture at the server to see whether the SYN arrives with the option"},
	NoCapable:         {"no-capable", "cannot tell: server without MPTCP, or option stripped", "RFC 8684 3.7", "capture at the server: if the SYN arrives there with MP_CAPABLE, the server is without MPTCP"},
	StrippedHandshake: {"stripped-handshake", "options stripped after the SYNs", "RFC 8684 3.7", "a box or proxy passes SYNs and removes options later: look for one that splits the connection"},
	StrippedAfter:     {"stripped-after", "cannot tell: options stripped from the SYN/ACK, or after it", "RFC 8684 3.7", "capture at the client to see whether the SYN/ACK arrives with the option"},
	StrippedLater:     {"stripped-later", "options stripped in the middle", "RFC 8684 3.7", "find what changed on the path at that time: a route, a proxy, an inspection that began"},
	PeerFellBack:      {"peer-fell-back", "cannot tell: an end went on as plain TCP", "RFC 8684 3.7", "capture at that end: what it received tells why it fell back"},
	ChecksumFailed:    {"checksum", "checksum failed, MP_FAIL", "RFC 8684 3.7", "find the box that rewrites payload (application gateway, proxy); verify names the packets"},
	InfiniteMapping:   {"infinite-mapping", "infinite mapping", "RFC 8684 3.7", "look before that packet for what made the sender give up, in a capture at the sender"},
	KeysDiffer:        {"keys-differ", "the ends do not agree on the keys", "RFC 8684 3.1", "something changed MP_CAPABLE on the way, or forged it; verify names the packets"},
	NoAnswer:          {"no-answer", "no answer", "RFC 8684 3.1", "check that the server is up and that the path passes SYNs; then whether it passes those with option 30"},
	SYNDropped:        {"syn-dropped", "SYN with MP_CAPABLE dropped", "RFC 8684 3.7", "a firewall drops unknown TCP options: let it pass option 30"},
	Refused:           {"refused", "refused", "RFC 9293 3.10.7", "nothing listens on that port, or a firewall rejects it"},
	Unfinished:        {"unfinished", "handshake not completed", "RFC 8684 3.1", "capture at the client to see whether the SYN/ACK arrives"},
	FastClosed:        {"fast-close", "aborted by fast close", "RFC 8684 3.5", "the application gave up (SO_LINGER 0, a crash, or data unread at close)"},
	CutOff:            {"cut-off", "ended by a reset", "RFC 8684 3.6", cureResets},
	NotAsked:          {"not-asked", "plain TCP: MPTCP was not asked for", "RFC 8684 3.1", "let the client's application ask for IPPROTO_MPTCP, or capture nearer to it"},
	JoinRefused:       {"join-refused", "join refused", "RFC 8684 3.6", "check the limits of that host (ip mptcp limits), that the daemon of a path manager in user space runs there, and whether its application had closed by then"},
	JoinReset:         {"join-reset", "join reset without a reason", "RFC 8684 3.2", "see whether anything listens at that address and port, and whether a firewall resets on that path; some hosts know no MP_TCPRST"},
	JoinForged:        {"join-forged", "join with a wrong HMAC", "RFC 8684 3.2", "an attack, or a box that changes options; verify shows the values"},
	JoinStripped:      {"join-stripped", "MP_JOIN stripped", "RFC 8684 3.2", "a middlebox on that path removes option 30 from SYNs"},
	JoinUnanswered:    {"join-unanswered", "join never answered", "RFC 8684 3.2", "check route and firewall of that path"},
	JoinUnfinished:    {"join-unfinished", "join not completed", "RFC 8684 3.2", "capture at the host that joins to see whether the SYN/ACK arrives"},
	SubflowChecksum:   {"subflow-checksum", "checksum failed on a subflow, MP_FAIL", "RFC 8684 3.7", "a box on that path rewrites payload; verify names the packets"},
	SubflowStripped:   {"subflow-stripped", "options stripped on a subflow", "RFC 8684 3.7", "a box on that path removes option 30 after the handshake"},
	SubflowReset:      {"subflow-reset", "subflow reset", "RFC 8684 3.6", cureResets},
	SubflowRebound:    {"rebound", "address or port changed on the way", "RFC 8684 3.2", "a NAT forgot the subflow, or was changed: lengthen its timeout, or let the application send more often"},
	AcksBare:          {"acks-bare", "acks without options", "RFC 8684 3.3.2", "capture at the end that sends those acks: if they leave it with options, a box on the way removes them"},
	PortsReused:       {"ports-reused", "another connection follows between the same ports", "RFC 9293 3.4", cureLost},
	JoinsForbidden:    {"joins-forbidden", "no joins to the server's address (C flag)", "RFC 8684 3.1", "let the server signal an address that may be joined: ip mptcp endpoint add ADDRESS signal"},
	AddressForged:     {"address-forged", "ADD_ADDR with a wrong HMAC", "RFC 8684 3.4.1", "an attack, or a box that translates addresses in options"},
	AddressUnanswered: {"address-unanswered", "ADD_ADDR without an echo", "RFC 8684 3.4.1", "a box drops packets with ADD_ADDR, or the peer's kernel is old"},
	JoinLate:          {"join-late", "join after the end of the data", "RFC 8684 3.3.3", "nothing: the connection was over before the join was done"},
	AddressUnused:     {"address-unused", "ADD_ADDR echoed, not joined", "RFC 8684 3.4.1", "the peer's limit (ip mptcp limits set subflow N add_addr_accepted N), or it has no route to that address"},
}

// String is the diagnosis in a few words.
func (d Diagnosis) String() string { return diagnosisTexts[d%NumDiagnoses].name }

// Key is the diagnosis as machines name it.
func (d Diagnosis) Key() string { return diagnosisTexts[d%NumDiagnoses].key }

// what is the diagnosis as all answers name it.
func (d Diagnosis) what() string { return strings.TrimPrefix(d.String(), "cannot tell: ") }

// Verdict is what the diagnosis makes of a connection, for tables.
func (d Diagnosis) Verdict() string {
	switch {
	case d == Healthy || d == NotAsked || d == StrippedSYN:
		return d.String()
	case d == NotCaptured || d == FastClosed:
		return "MPTCP, " + d.what()
	case d.stillborn():
		return "not established: " + d.what()
	case d.plain():
		return "fell back: " + d.what()
	}
	return "MPTCP, but " + d.what()
}

// Fallback is why the connection is plain TCP, or none at all; empty if it is MPTCP, as far as can be told.
func (d Diagnosis) Fallback() string {
	if !d.plain() && !d.stillborn() {
		return ""
	}
	return d.what()
}

// stillborn says that no connection came about.
func (d Diagnosis) stillborn() bool { return d == NoAnswer || d == Refused || d == Unfinished }

// Open says that the capture does not show what is behind the matter.
func (d Diagnosis) Open() bool {
	switch d {
	case NotCaptured, NoCapable, StrippedAfter, PeerFellBack, Unfinished, CutOff, JoinUnfinished, SubflowReset, AcksBare, AddressUnanswered:
		return true
	}
	return false
}

// plain says that the connection is, or went on as, plain TCP.
func (d Diagnosis) plain() bool {
	switch d {
	case ServerWithout, StrippedSYN, StrippedSYNACK, StrippedEither, NoCapable, StrippedHandshake, StrippedAfter, StrippedLater,
		PeerFellBack,
		ChecksumFailed, InfiniteMapping, KeysDiffer, SYNDropped, NotAsked:
		return true
	}
	return false
}

// Finding is one conclusion: what, about which subflow, and the packets that it rests on.
type Finding struct {
	Diagnosis Diagnosis
	Ordinal   int      // subflow, -1 the connection
	Packets   []uint32 // ids, the first is the one that shows it
	Because   string   // the end of a sentence: what the packets show
	cure      string   // what would mend it, where that is not what the diagnosis says
}

// Cures of captures that lack something else than their beginning.
const (
	cureLonger  = "let the capture run on"
	cureBoth    = "capture both directions, where both pass"
	cureSnaplen = "capture with a snaplen of 128 or more"
	cureWhole   = "capture whole packets at the host that sends MP_FAIL: there verify names them"
	cureResets  = "capture at the host that resets: what it received tells why"
	cureAll     = "capture all interfaces from before the connection; load --merge joins files"
	cureLost    = "capture with a larger buffer (dumpcap -B), where all packets of the connection pass"
)

// mend is what would mend or explain the matter, empty where nothing is wrong.
func (f *Finding) mend() string { return cmp.Or(f.cure, diagnosisTexts[f.Diagnosis].cure) }

// with gives a finding a cure of its own.
func (f Finding) with(cure string) Finding {
	f.cure = cure
	return f
}

// Packet is the id of the first packet of the evidence, 0 if there is none.
func (f *Finding) Packet() uint32 {
	if len(f.Packets) == 0 {
		return 0
	}
	return f.Packets[0]
}

// resetWord is a reason code of MP_TCPRST, with its meaning where it has one.
func resetWord(reason int16) string {
	if name := mptcp.ReasonName(uint8(reason)); name != "" {
		return fmt.Sprintf("reason %d, %s", reason, name)
	}
	return fmt.Sprintf("reason %d", reason)
}

// failures are the failed checks of a connection, and where to find them.
type failures struct {
	all    []check
	alien  *check             // the first that is about a packet of another connection; it is not among the others
	of     map[checkOn]*check // the first of a kind on a subflow
	packet map[checkOn]*check // by kind and packet
}

// checkOn is a kind of check on a subflow, or on any (-1), or in a packet.
type checkOn struct {
	kind checkKind
	at   int
}

// failuresOf verifies a connection from its control packets.
func failuresOf(t *trace.Trace, c *conn.Conn, seen []control) failures {
	return indexed(refute(t, c, seen))
}

// indexed makes failed checks easy to find.
func indexed(failed []check) failures {
	f := failures{all: failed}
	if i := slices.IndexFunc(failed, func(k check) bool { return k.alien }); i >= 0 {
		first := failed[i]
		f.alien, f.all = &first, slices.DeleteFunc(slices.Clone(failed), func(k check) bool { return k.alien })
	}
	if len(f.all) > 0 {
		f.of, f.packet = map[checkOn]*check{}, map[checkOn]*check{}
	}
	for i := range f.all {
		k := &f.all[i]
		for _, at := range []int{k.subflow, anySubflow} {
			if on := (checkOn{k.kind, at}); f.of[on] == nil {
				f.of[on] = k
			}
		}
		f.packet[checkOn{k.kind, int(k.packet)}] = k
	}
	return f
}

// anySubflow asks for a failure wherever it is.
const anySubflow = -2

// in is the first failed check of the first of some kinds that has one, on a subflow.
func (f *failures) in(ordinal int, kinds ...checkKind) *check {
	for _, kind := range kinds {
		if k := f.of[checkOn{kind, ordinal}]; k != nil {
			return k
		}
	}
	return nil
}
