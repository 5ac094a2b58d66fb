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

// options calls each for every whole option in b; it ends at the end-of-options mark or where a length lies.
func (d *pcapng) options(b []byte, each func(code uint16, value []byte)) {
	for len(b) >= 4 {
		code, n := d.order.u16(b), int(d.order.u16(b[2:]))
		if code == optEnd || n > len(b)-4 {
			return
		}
		each(code, b[4:4+n])
		b = b[min(len(b), 4+(n+3)&^3):]
	}
}

// comment collects a packet's comments. Written out, not through options, for the frames that have other options must
// not cost an allocation.
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
