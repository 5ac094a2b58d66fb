package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// prio takes in MP_PRIO (RFC 8684 section 3.3.8). With an address id (version 0) it is for the subflows of that address
// of the sender's.
func (t *Table) prio(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParsePrio(o, s.conn.version)
	if !t.fault(f, v.row) {
		return
	}
	if !m.HasAddrID {
		s.backup = m.Backup
		return
	}
	sender := s.sender(v.flow)
	for _, other := range s.conn.subs[:min(len(s.conn.subs), maxPrio)] {
		for flow := range uint8(2) {
			if other.sender(flow) == sender && (other.hasAddr || other.master) && other.addrID[flow] == m.AddrID {
				other.backup = m.Backup
			}
		}
	}
}

// maxPrio is how many subflows of a connection one MP_PRIO with an address id is applied to.
const maxPrio = 1024
