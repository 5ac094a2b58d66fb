package analysis

import (
	"cmp"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// advice is what an issue means and what to do about it.
type advice struct{ begins, meaning, cure string }

// adviceOn finds the advice on an issue by how its text begins; a layer's own where there is none.
func adviceOn(s *Suspicion) advice {
	what := cmp.Or(s.others, s.What)
	for _, list := range [][]advice{advices, layerAdvices} {
		for _, a := range list {
			if strings.HasPrefix(what, a.begins) || strings.HasPrefix(s.Layer+":", a.begins) {
				return a
			}
		}
	}
	for d := range NumDiagnoses {
		if t := diagnosisTexts[d]; strings.HasPrefix(what, t.name+":") {
			return advice{meaning: diagnosisMeaning(d), cure: t.cure}
		}
	}
	return advice{}
}

// diagnosisMeaning says what a diagnosis means for the connection.
func diagnosisMeaning(d Diagnosis) string {
	switch {
	case d.plain():
		return "the connection is plain TCP: one path, no handover"
	case d == JoinLate:
		return "the connection needed the subflow no more"
	case d >= JoinRefused && d <= JoinUnfinished:
		return "the connection has one path less"
	case d == SubflowChecksum || d == SubflowStripped || d == SubflowReset || d == SubflowRebound:
		return "the connection goes on over its other subflows"
	case d >= JoinsForbidden:
		return "the path that the address stands for is not used"
	case d == NotCaptured:
		return "keys and numbers are unknown: less can be verified"
	}
	return "the connection did not come about, or ended early"
}

// advices are those on what the dissection and the checks report.
var advices = []advice{
	{conn.TokenCollision.What(), "joins without an HMAC may be laid to the wrong connection", "look at the keys of both: a token of 32 bits collides by chance once in billions"},
	{conn.KeyChanged.What(), "the ends may not share the keys: joins fail", "look for a box that rewrites MP_CAPABLE; verify shows the values"},
	{conn.KeyRepeated.What(), "a key is not random, or packets were replayed", "check the host's random numbers; look for replayed packets"},
	{conn.UnknownToken.What(), "the connection began before the capture, on another interface, or the token is forged", "capture all interfaces from before the connection; load --merge joins files"},
	{conn.BadOption.What(), "the receiver ignores the option, or falls back", "name the sender's stack and version; packet and follow show the bytes"},
	{conn.CutOption.What(), "what the cut part says is unknown", "capture with a snaplen of 128 or more"},
	{trace.OptionsCut, "a connection that uses MPTCP may look like plain TCP", cureSnaplen},
	{conn.UnknownSubtype.What(), "a newer MPTCP, an experiment, or garbage", "packet shows the bytes"},
	{conn.ReservedBits.What(), "receivers ignore them", "nothing, unless a newer version defines them"},
	{conn.WrongVersion.What(), "the peer answers with its own version, or without MPTCP", "use version 1 at both ends"},
	{conn.ForgedSYNACK.What(), "the joining host resets the subflow", "an attack, or a box that changes options; verify shows the values"},
	{conn.ForgedACK.What(), "the answering host resets the subflow", "an attack, or a box that changes options; verify shows the values"},
	{conn.ForgedAddress.What(), "the address is not used", "an attack, or a NAT that translates addresses in options"},
	{conn.EarlyAddress.What(), "newer kernels ignore the address", "update the sender to Linux 5.8 or later"},
	{conn.WrongChecksum.What(), "the subflow is reset, or the connection falls back", "find the box that rewrites payload; verify names the packets"},
	{conn.MappingChanged.What(), "the receiver may deliver other bytes than were sent", "a box that resegments, or a defect of the sender"},
	{conn.FarDSN.What(), "the receiver resets the subflow or falls back", "the keys were changed on the way, or the packet is of another connection"},
	{conn.GuessedStart.What(), "numbers and reinjections of this subflow may be wrong", "start the capture before the subflow"},
	{conn.AnotherConn.What(), "figures of the stream by itself are those of both subflows", "capture with a larger buffer (dumpcap -B); packets before and from here belong to different connections"},
	{conn.ManyMappings.What(), "less of the data counts as mapped than was", "no sender does this: the capture is made up, or a box sends mappings of its own"},
	{conn.MPFail.What(), "the sender goes on as plain TCP, or without this subflow", "find the box that rewrites payload; of whole packets, captured at the host that sends MP_FAIL, verify names them"},
	{"echoed keys:", "the ends may not share the keys: joins fail", "look for a box that rewrites MP_CAPABLE"},
	{"IDSN:", "the receiver falls back", "look for a box that rewrites MP_CAPABLE"},
	{"token:", "the join reaches no connection, or another one", "an attack, or a stale token"},
	{"DATA_ACK:", "the ends do not agree on numbers, or the capture is incomplete", "verify shows the values; capture at both ends"},
	{"DATA_FIN:", "the end of the data is not where it was told to be", "a defect of the sender, or an incomplete capture"},
	{"address ids:", "a NAT is on the path, or the id was used again", "nothing, if a NAT is expected"},
	{"unmapped:", "the receiver cannot place these bytes: it falls back, or resets the subflow; or their mapping was not captured", "see whether the capture lost packets; explain tells of a fallback"},
	{"stood still for", "the path passed nothing for a while, or not packets of that size", "see what became of that link then, and of its MTU; addresses tells how long delivery stood still"},
	{"fell silent:", "the path died without a FIN, a reset or a REMOVE_ADDR: what was on it had to come over another one", "see what became of that link then; addresses tells how long delivery stood still"},
	{"reinjected:", "paths were slow, lost packets, or died: bytes were paid for twice", "summary and account tell which path; addresses tells of handovers"},
	{"without a time of their own:", "durations, round trips and rates that rest on these packets are guesses, or not known at all",
		"capture with a program that writes times: dumpcap, tcpdump"},
	{"out of order of time:", "several interfaces were captured side by side, or a clock was set back: what rests on the order, as retransmissions and gaps, may be judged wrongly",
		"sort the packets by time: reordercap, or load --merge with a file for each interface"},
	{"overtaken:", "the path reorders packets: senders may take them for lost and slow down", "look for links or queues in parallel on that path; unmapped and owd of captures at both ends show the order"},
	{"retransmissions:", "the path loses packets, or reorders them", "rtt and plot dsn show when; look for a short queue on that path"},
	{"seen twice:", "several points of one path were captured, as with any or inside and outside of a tunnel, or the network doubles packets: figures count both",
		"capture on one interface, or take the copies out (editcap -d); account counts them apart"},
	{"a window of zero", "the sender has to wait", "let the application read faster, or enlarge its buffer (net.ipv4.tcp_rmem)"},
	{"the receiver's window is full", "the window sets the pace", "enlarge the receive buffer"},
	{"an ack of data that was not captured", "figures of this subflow are too low", "capture with a larger buffer (dumpcap -B), or on a quicker machine"},
}

// layerAdvices are those on whatever else a layer reports.
var layerAdvices = []advice{
	{"capture:", "what follows in the file is missing", "take the file again, or repair it"},
	{"link:", "the frame is passed over", "packet shows its bytes"},
	{"ip:", "the packet may be read in part only", "packet shows its bytes"},
}
