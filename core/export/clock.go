package export

// clock writes nanoseconds as seconds with nine decimals. It keeps the text of the last second, which most times share.
type clock struct {
	start uint64 // of the second
	text  []byte // nil if there was none
}

// split is the text of a time up to the point, and the nanoseconds behind it.
func (c *clock) split(ns int64) (text []byte, rest uint64) {
	if rest = uint64(ns) - c.start; rest < 1e9 && ns >= 0 && c.text != nil {
		return c.text, rest
	}
	return c.turn(ns)
}

// turn goes to another second. That of a negative time is not kept.
func (c *clock) turn(ns int64) (text []byte, rest uint64) {
	v, text := uint64(ns), c.text[:0]
	if ns < 0 {
		v, text = -v, []byte{'-'}
	}
	second := v / 1e9
	text = roomy(append(appendUint(text, second), '.'))
	if ns >= 0 {
		c.start, c.text = second*1e9, text
	}
	return text, v - second*1e9
}

func (c *clock) append(dst []byte, ns int64) []byte {
	text, rest := c.split(ns)
	return appendNine(append(dst, text...), uint32(rest))
}
