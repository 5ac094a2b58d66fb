package mptcp

// Options walks a TCP option area and yields every MPTCP option in it, in order. It is a plain value that may be copied
// to remember a position. Package packet finds the options itself, in one go with TCP's others; tests hold the two to each other.
//
//	for it := mptcp.NewOptions(area, size); it.Next(); {
//		use(it.Option())
//	}
type Options struct {
	area   []byte // what is left of the captured option area
	left   int    // what is left of the stated option area, >= len(area)
	option Option
	fault  Fault
}

// NewOptions starts a walk over area, the captured part of an option area of size bytes (the TCP data offset times four,
// less 20). A size below len(area) counts as len(area).
func NewOptions(area []byte, size int) Options {
	return Options{area: area, left: max(size, len(area))}
}

// Option is the option that the last Next found.
func (it *Options) Option() Option { return it.option }

// Fault says why the walk ended early: BadLength at a length that lies, Cut where the capture ends inside the area,
// NoFault if it reached the end of the area or an end-of-options mark.
func (it *Options) Fault() Fault { return it.fault }

// Next moves to the next MPTCP option, and reports whether there is one. An option that the capture cut is yielded,
// shortened, if its subtype was captured; one whose length byte lies (below 2, or past the option area) ends the walk,
// as nothing behind it can be trusted.
func (it *Options) Next() bool {
	for len(it.area) > 0 {
		switch kind := it.area[0]; kind {
		case 0: // end of option list, RFC 9293 section 3.2
			return it.stop(NoFault)
		case 1: // no operation
			it.area, it.left = it.area[1:], it.left-1
		default:
			o, ok := it.take()
			if !ok {
				return false
			}
			if kind == Kind && len(o) >= 3 {
				it.option = o
				return true
			}
		}
	}
	if it.left > 0 && it.fault == NoFault {
		it.fault = Cut
	}
	return false
}

// take removes the option at the head of the area, whose kind has a length byte.
func (it *Options) take() (Option, bool) {
	if len(it.area) < 2 {
		if it.left < 2 {
			return nil, it.stop(BadLength)
		}
		return nil, it.stop(Cut)
	}
	length := int(it.area[1])
	if length < 2 || length > it.left {
		return nil, it.stop(BadLength)
	}
	n := min(length, len(it.area))
	o := Option(it.area[:n:n])
	it.area, it.left = it.area[n:], it.left-length
	if n < length {
		it.fault = Cut
	}
	return o, true
}

// stop ends the walk for the reason f, and is false for Next to return.
func (it *Options) stop(f Fault) bool {
	it.area, it.left, it.fault = nil, 0, f
	return false
}
