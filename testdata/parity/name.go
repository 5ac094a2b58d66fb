package main

// Connections are named as Wireshark numbers them, also where the model makes others of the packets than Wireshark does.

// lumps are the defects by which Wireshark finds other connections.
const lumps = sharedToken | lateToken | orphansApart | firstKey | keptOpen | ownVersion | samePorts

// names tells the number of each stream's connection as Wireshark has it after its first pass, and the first number
// that it has not given away.
func names(segments []segment) (list map[uint32]uint32, next uint32) {
	m := newModel(allDefects)
	m.agree(segments)
	for i := range segments {
		m.packet(&segments[i], &cells{})
	}
	list = map[uint32]uint32{}
	for id, t := range m.streams {
		if t.conn != nil {
			list[id] = t.conn.number
		}
	}
	return list, m.count
}

// rename gives each connection the number that Wireshark gives to its master, or else the lowest one of its subflows,
// unless another one has it already; the others get numbers behind all of Wireshark's.
func (m *model) rename() {
	if m.names == nil {
		return
	}
	next := m.unnamed
	taken := map[uint32]bool{}
	done := map[*connection]bool{}
	var rest []*connection
	for _, t := range m.order {
		if t.conn == nil && t.flows[0].sub != nil && m.lacks(unanswered) {
			t.conn = &connection{}
		}
		c := t.conn
		if c == nil || done[c] {
			continue
		}
		done[c] = true
		if n, known := m.name(c); known && !taken[n] {
			c.number, taken[n] = n, true
		} else {
			rest = append(rest, c)
		}
	}
	for _, c := range rest {
		c.number = next
		next++
	}
}

// name is the number that names a connection.
func (m *model) name(c *connection) (number uint32, known bool) {
	for id, t := range m.streams {
		n, has := m.names[id]
		if t.conn != c || !has {
			continue
		}
		if t == c.master {
			return n, true
		}
		if !known || n < number {
			number, known = n, true
		}
	}
	return number, known
}
