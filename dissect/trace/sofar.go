package trace

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
