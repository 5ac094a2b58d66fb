package capture

// Option codes of pcapng. 1 and 0 mean the same in every block.
const (
	optEnd           = 0
	optComment       = 1
	optIfName        = 2
	optIfDescription = 3
	optIfResolution  = 9
	optIfOffset      = 14
	optIfHardware    = 15
)

// options calls each for every option in b up to the end-of-options mark. It tells whether all of them were whole.
func (d *pcapng) options(b []byte, each func(code uint16, value []byte)) bool {
	for len(b) >= 4 {
		code, n := d.order.u16(b), int(d.order.u16(b[2:]))
		if code == optEnd {
			return true
		}
		if n > len(b)-4 {
			return false
		}
		each(code, b[4:4+n])
		b = b[min(len(b), 4+(n+3)&^3):]
	}
	return true
}

// comment collects a packet's comments, as far as they can be read. Written out, not through options: a frame that has
// other options must not cost an allocation.
func (d *pcapng) comment(b []byte) string {
	all := ""
	for len(b) >= 4 {
		code, n := d.order.u16(b), int(d.order.u16(b[2:]))
		if code == optEnd || n > len(b)-4 {
			break
		}
		if code == optComment {
			all = joinLines(all, b[4:4+n])
		}
		b = b[min(len(b), 4+(n+3)&^3):]
	}
	return all
}

func joinLines(before string, value []byte) string {
	if before == "" {
		return string(value)
	}
	return before + "\n" + string(value)
}
