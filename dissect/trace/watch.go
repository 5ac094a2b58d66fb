package trace

// Rows gives the rows from one on, as much as is known of them by now, to f, and returns how many there are. It is for
// looking on while a capture grows: what comes out later (a key, a reinjection far behind) is missing. The row is only
// valid during the call.
func (l *Loader) Rows(from int, f func(*Context, *Row)) int {
	b := l.frames.builder
	if uint32(from) >= b.n {
		return from
	}
	for _, k := range [...]*links{&b.also, &b.reinjectedIn, &b.reinjections} {
		if !k.sorted && len(k.list) > 0 {
			k.sort()
		}
	}
	context := Context{Interfaces: interfaces(l.reader)}
	var row Row
	for i := uint32(from); i < b.n; i++ {
		b.row(i, &row)
		f(&context, &row)
	}
	return int(b.n)
}

// SoFar is what is known by now of the first connections, at most so many: see conn.Table.SoFar. The Trace has them and
// the streams of their subflows, which are numbered anew, and no packets. It stays as it is when the loading goes on.
func (l *Loader) SoFar(most int) *Trace {
	b := l.frames.builder
	t := &Trace{Capture: l.frames.capture(l.reader), Conns: b.conns.SoFar(most)}
	for i := range t.Conns {
		for k := range t.Conns[i].Subflows {
			s := &t.Conns[i].Subflows[k]
			t.Streams = append(t.Streams, b.streams.Stream(s.Stream))
			s.Stream = uint32(len(t.Streams) - 1)
		}
	}
	return t
}
