package where

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// number is a whole number of at most 127 bits, as sign and magnitude. Zero is never negative.
type number struct {
	negative bool
	hi, lo   uint64
}

func fromUint(v uint64) number { return number{lo: v} }

func fromInt(v int64) number {
	if v < 0 {
		return number{negative: true, lo: -uint64(v)}
	}
	return number{lo: uint64(v)}
}

// isUint gives the number where it is one of 64 bits without a sign.
func (a number) isUint() (uint64, bool) { return a.lo, a.hi == 0 && !a.negative }

// fits says whether the magnitude has at most 127 bits.
func (a number) fits() bool { return a.hi>>63 == 0 }

func (a number) negate() number {
	if a.hi|a.lo != 0 {
		a.negative = !a.negative
	}
	return a
}

// compareMagnitude is -1, 0 or 1.
func (a number) compareMagnitude(b number) int {
	switch {
	case a.hi != b.hi:
		return order(a.hi < b.hi)
	case a.lo != b.lo:
		return order(a.lo < b.lo)
	}
	return 0
}

func order(less bool) int {
	if less {
		return -1
	}
	return 1
}

func (a number) compare(b number) int {
	switch {
	case a.negative != b.negative:
		return order(a.negative)
	case a.negative:
		return b.compareMagnitude(a)
	}
	return a.compareMagnitude(b)
}

func (a number) add(b number) (number, bool) {
	if a.negative == b.negative {
		lo, carry := bits.Add64(a.lo, b.lo, 0)
		hi, over := bits.Add64(a.hi, b.hi, carry)
		sum := number{a.negative, hi, lo}
		return sum, over == 0 && sum.fits()
	}
	if a.compareMagnitude(b) < 0 {
		a, b = b, a
	}
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return number{a.negative && hi|lo != 0, hi, lo}, true
}

func (a number) sub(b number) (number, bool) { return a.add(b.negate()) }

func (a number) mul(b number) (number, bool) {
	if a.hi != 0 && b.hi != 0 {
		return number{}, false
	}
	if a.hi != 0 {
		a, b = b, a
	}
	hi, lo := bits.Mul64(a.lo, b.lo)
	over, more := bits.Mul64(a.lo, b.hi)
	hi, carry := bits.Add64(hi, more, 0)
	product := number{a.negative != b.negative && hi|lo != 0, hi, lo}
	return product, over == 0 && carry == 0 && product.fits()
}

// mod is the remainder with the sign of a, as in Go. It is false where b is 0.
func (a number) mod(b number) (number, bool) {
	if b.hi|b.lo == 0 {
		return number{}, false
	}
	r := new(big.Int).Rem(a.big(), b.big())
	return fromBig(r)
}

// float is the nearest float64 of the number divided by 10^scale.
func (a number) float(scale int) float64 {
	f := float64(a.hi)*(1<<64) + float64(a.lo)
	if a.negative {
		f = -f
	}
	if scale == 0 {
		return f
	}
	return f / math.Pow10(scale)
}

func (a number) big() *big.Int {
	v := new(big.Int).Lsh(new(big.Int).SetUint64(a.hi), 64)
	v.Or(v, new(big.Int).SetUint64(a.lo))
	if a.negative {
		v.Neg(v)
	}
	return v
}

func fromBig(v *big.Int) (number, bool) {
	if v.BitLen() > 127 {
		return number{}, false
	}
	m := new(big.Int).Abs(v)
	lo := new(big.Int).And(m, new(big.Int).SetUint64(^uint64(0))).Uint64()
	return number{v.Sign() < 0, m.Rsh(m, 64).Uint64(), lo}, true
}

// maxScale is how many decimals a number may have: nanoseconds of nanoseconds.
const maxScale = 18

// power is 10^n, for n up to twice maxScale.
func power(n int) number {
	p, one := number{lo: 1}, number{lo: 10}
	for range n {
		p, _ = p.mul(one)
	}
	return p
}

// parseNumber reads a literal exactly, as a whole number divided by 10^scale: 42, 0x1f, 1_000, 1.25, 2e6.
func parseNumber(text string) (n number, scale int, err error) {
	digits := strings.ToLower(strings.ReplaceAll(text, "_", ""))
	v := new(big.Int)
	if len(digits) > 2 && digits[0] == '0' && strings.IndexByte("xob", digits[1]) >= 0 {
		if _, ok := v.SetString(digits, 0); !ok {
			return n, 0, fmt.Errorf("%s is no number", text)
		}
		return sized(v, 0, text)
	}
	mantissa, exponent, scientific := strings.Cut(digits, "e")
	shift := 0
	if scientific {
		if shift, err = strconv.Atoi(exponent); err != nil || shift < -60 || shift > 60 {
			return n, 0, fmt.Errorf("%s is too large or too small a number", text)
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	fraction = strings.TrimRight(fraction, "0")
	if mantissa == "" {
		return n, 0, fmt.Errorf("%s is no number", text)
	}
	if _, ok := v.SetString("0"+whole+fraction, 10); !ok {
		return n, 0, fmt.Errorf("%s is no number", text)
	}
	if scale = len(fraction) - shift; scale < 0 {
		v.Mul(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil))
		scale = 0
	}
	return sized(v, scale, text)
}

func sized(v *big.Int, scale int, text string) (number, int, error) {
	n, ok := fromBig(v)
	if !ok || scale > maxScale {
		return n, scale, fmt.Errorf("%s has too many digits", text)
	}
	return n, scale, nil
}
