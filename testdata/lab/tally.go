package main

// Counts is what a capture holds.
type Counts struct {
	Frames      int `json:"frames"`
	Kept        int `json:"kept"`              // TCP segments: what Wireshark's "mptcp or tcp and not icmp" keeps
	TCPStreams  int `json:"tcp_streams"`       // as tcp.stream numbers them
	MPTCP       int `json:"mptcp_streams"`     // as mptcp.stream numbers them (tshark 4.0)
	Connections int `json:"mptcp_connections"` // MP_CAPABLE in a SYN, whatever came of it
	Subflows    int `json:"subflows"`          // MP_CAPABLE or MP_JOIN in a SYN
}

// tally counts streams by their addresses and ports, which a run never uses twice.
type tally struct {
	counts  Counts
	streams map[string]*tallied
}

// tallied is what is known of a stream.
type tallied struct{ asked, joined, numbered bool }

// MPTCP subtypes that make a difference to the counts (RFC 8684 §8).
const subCapable, subJoin, subDSS = 0, 1, 2

func newTally() tally { return tally{streams: map[string]*tallied{}} }

func (t *tally) add(frame []byte) {
	t.counts.Frames++
	s, ok := locate(frame)
	if !ok {
		return
	}
	t.counts.Kept++
	key := streamKey(s)
	st := t.streams[key]
	if st == nil {
		st = &tallied{}
		t.streams[key] = st
		t.counts.TCPStreams++
	}
	capable, join := s.mptcp(subCapable), s.mptcp(subJoin)
	if s.isSYN() && !st.asked && (capable != nil || join != nil) {
		st.asked, st.joined = true, join != nil
		t.counts.Subflows++
		if capable != nil {
			t.counts.Connections++
		}
	}
	// Wireshark numbers a connection when it sees a key, which MPTCP v1's SYN doesn't have yet; or,
	// where it saw no handshake at all, at the first DSS of each stream.
	if !st.numbered && !st.joined && (len(capable) >= 12 || s.mptcp(subDSS) != nil) {
		st.numbered = true
		t.counts.MPTCP++
	}
}

// streamKey is the same for both directions of a stream.
func streamKey(s segment) string {
	a := string(s.src()) + string(s.tcp[0:2])
	b := string(s.dst()) + string(s.tcp[2:4])
	return min(a, b) + max(a, b)
}
