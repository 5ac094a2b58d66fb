package capture

import (
	"math"
	"math/bits"
)

// clock turns an interface's time stamps into nanoseconds since the epoch, exactly: rounded down where the clock is
// finer than that. A stamp beyond what int64 nanoseconds hold (the year 2262) is held at that end.
type clock struct {
	resolution byte   // if_tsresol: 10^-v seconds, or 2^-v with the top bit set
	perSecond  uint64 // units in a second; 0 if 64 bits do not hold that many
	multiply   uint64 // ns in a unit where that is whole and there is no offset, else 0
	offset     int64  // seconds to add
}

// defaultResolution is microseconds.
const defaultResolution = 6

// option takes if_tsresol or if_tsoffset. One of the wrong length is passed over.
func (c *clock) option(o order, code uint16, value []byte) {
	switch {
	case code == optIfResolution && len(value) == 1:
		c.resolution = value[0]
	case code == optIfOffset && len(value) == 8:
		c.offset = int64(o.u64(value))
	}
	c.fit()
}

// fit derives the rest from resolution and offset.
func (c *clock) fit() {
	exponent := int(c.resolution & 0x7f)
	if c.resolution&0x80 == 0 {
		c.perSecond = power10(exponent)
	} else {
		c.perSecond = 1 << exponent // 0 from 64 on
	}
	c.multiply = 0
	if c.offset == 0 && c.perSecond > 0 && c.perSecond <= 1e9 && 1e9%c.perSecond == 0 {
		c.multiply = 1e9 / c.perSecond
	}
}

// power10 is 10^n, 0 if 64 bits do not hold it.
func power10(n int) uint64 {
	if n > 19 {
		return 0
	}
	power := uint64(1)
	for range n {
		power *= 10
	}
	return power
}

// ns is the time of a stamp.
func (c *clock) ns(stamp uint64) int64 {
	if c.multiply != 0 {
		if hi, lo := bits.Mul64(stamp, c.multiply); hi == 0 && lo <= math.MaxInt64 {
			return int64(lo)
		}
		return math.MaxInt64
	}
	if c.perSecond == 0 {
		return compose(0, c.offset, c.tiny(stamp))
	}
	hi, lo := bits.Mul64(stamp%c.perSecond, 1e9)
	fraction, _ := bits.Div64(hi, lo, c.perSecond) // hi is below the divisor, as stamp%perSecond is
	return compose(stamp/c.perSecond, c.offset, fraction)
}

// tiny is the nanoseconds of a stamp whose clock counts more than 64 bits of units in a second, so it is below one.
func (c *clock) tiny(stamp uint64) uint64 {
	exponent := int(c.resolution & 0x7f)
	if c.resolution&0x80 != 0 {
		hi, _ := bits.Mul64(stamp, 1e9)
		return hi >> (exponent - 64)
	}
	if unit := power10(exponent - 9); unit > 0 {
		return stamp / unit
	}
	return 0
}

// compose is (seconds+offset)·1e9 + fraction, held within int64.
func compose(seconds uint64, offset int64, fraction uint64) int64 {
	const most = math.MaxInt64 / 1_000_000_000
	if seconds > math.MaxInt64 {
		return math.MaxInt64
	}
	sum := int64(seconds) + offset
	if offset > 0 && sum < offset || sum >= most {
		return math.MaxInt64
	}
	if sum <= -most {
		return math.MinInt64
	}
	return sum*1e9 + int64(fraction)
}
