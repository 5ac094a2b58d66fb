package analysis

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// quiet is how many packets without payload must lack an option before that means something.
const quiet = 4

// vanishing concludes on options that end in the middle.
func (e *examination) vanishing(m *life) (Finding, bool) {
	if len(e.lives) > 1 && e.othersLive() {
		return Finding{}, false
	}
	return e.vanished(m, StrippedLater, PeerFellBack)
}

// othersLive says whether another subflow kept its options: then the connection goes on without the first one.
func (e *examination) othersLive() bool {
	for i := range e.lives[1:] {
		if l := &e.lives[i+1]; l.last[stream.Client].seen() && l.last[stream.Server].seen() && e.c.Subflows[i+1].Established {
			return true
		}
	}
	return false
}

// vanished finds the direction of a stream in which options end, the one with the clearer sign first.
func (e *examination) vanished(l *life, box, unclear Diagnosis) (Finding, bool) {
	var found *vanished
	for _, d := range ConnDirections(stream.DestUnknown) {
		v := &l.vanished[d]
		if !l.last[d].seen() || v.data == 0 && v.packets < quiet {
			continue
		}
		if found == nil || v.first.hole > found.first.hole || v.first.hole == found.first.hole && v.first.packet < found.first.packet {
			found = v
		}
	}
	if found == nil {
		return Finding{}, false
	}
	end := e.sender(l, found.first.from).End()
	if found.first.hole > 0 {
		return Finding{Diagnosis: box, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
			Because: fmt.Sprintf("from there on %d packets of the %s have no MPTCP option; the first has %d NOPs in a row, which is what a box leaves that overwrites an option", found.packets, end, found.first.hole)}, true
	}
	if n := e.mappedSince(l, found); n >= quiet {
		return Finding{Diagnosis: AcksBare, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
			Because: fmt.Sprintf("from there on %d packets of the %s, none of them with data, have no MPTCP option, and so no DATA_ACK, while the other end sends %d more with data and a mapping: a box removes them without a trace, or the %[2]s went back to TCP by itself",
				found.packets, end, n)}, true
	}
	return Finding{Diagnosis: unclear, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
		Because: fmt.Sprintf("from there on %d packets of the %s have no MPTCP option, %d of them with data: it went back to TCP by itself, or a box removes the options without a trace", found.packets, end, found.data)}, true
}

// mappedSince counts what travels to an end with data and a mapping since that end sends no options any more: 0 if it sends data, or
// if the other end has stopped as well.
func (e *examination) mappedSince(l *life, v *vanished) (n int) {
	if v.data > 0 || l.vanished[v.first.from].packets > 0 {
		return 0
	}
	rows := e.rowsOf(l)
	i, _ := slices.BinarySearch(rows, v.first.packet)
	for _, row := range rows[i:] {
		if _, mapped := e.t.DSN(row); mapped && e.t.Dest(row) == v.first.from && e.t.PayloadLen(row) > 0 {
			n++
		}
	}
	return n
}
