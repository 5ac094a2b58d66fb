package where

// value is a part of an expression, compiled. What it can be taken for is said by the functions that are set: a column of a
// table may hold numbers in one row and text in another. Each answers false where the row has no such value.
type value[R any] struct {
	start, end int // its runes in the source
	text       func(r R, room []byte) ([]byte, bool)
	number     func(r R) (number, bool) // the value multiplied by 10^scale
	scale      int
	plain      func(r R) (uint64, bool) // set besides number where it is quick: an unsigned column
	real       func(r R) (float64, bool)
	list       func(r R, room []uint64) []uint64 // empty where there is none
	test       func(r R) bool
	nothing    func(r R) bool // the value is nil

	time   bool     // number is a time in seconds, which a text may be compared with
	word   *string  // text that is constant
	words  []string // all that the text may be, where that is known
	fixed  *number  // number that is constant
	isNil  bool     // the word nil
	single []value[R]
	array  bool // single are its elements
	low    *value[R]
	high   *value[R] // bounds of low..high
}

// is says what the value is, for people.
func (v *value[R]) is() string {
	switch {
	case v.isNil:
		return "nil"
	case v.array:
		return "a list of values"
	case v.low != nil:
		return "a range"
	case v.time && v.number != nil:
		return "a time"
	case v.number != nil && v.text != nil:
		return "a number or a text"
	case v.number != nil, v.real != nil:
		return "a number"
	case v.text != nil:
		return "a text"
	case v.list != nil:
		return "a list"
	case v.test != nil:
		return "true or false"
	}
	return "nothing in any row"
}

// asReal takes any number for a float64.
func (v *value[R]) asReal() func(r R) (float64, bool) {
	if v.real != nil {
		return v.real
	}
	if v.number == nil {
		return nil
	}
	return func(r R) (float64, bool) {
		n, ok := v.number(r)
		return n.float(v.scale), ok
	}
}

// scaledTo gives the number multiplied by 10^scale, which is not below its own.
func (v *value[R]) scaledTo(scale int) func(r R) (number, bool) {
	if scale == v.scale {
		return v.number
	}
	factor := power(scale - v.scale)
	if v.fixed != nil {
		n, ok := v.fixed.mul(factor)
		return func(R) (number, bool) { return n, ok }
	}
	return func(r R) (number, bool) {
		n, ok := v.number(r)
		if !ok {
			return n, false
		}
		return n.mul(factor)
	}
}

// setNumber makes the value a constant.
func (v *value[R]) setNumber(n number, scale int) {
	v.fixed, v.scale = &n, scale
	v.number = func(R) (number, bool) { return n, true }
	v.nothing = func(R) bool { return false }
}

func (v *value[R]) setText(s string) {
	v.word = &s
	v.text = func(_ R, room []byte) ([]byte, bool) { return append(room, s...), true }
	v.nothing = func(R) bool { return false }
}

func (v *value[R]) setTest(test func(R) bool) {
	v.test = test
	v.nothing = func(R) bool { return false }
}
