package where

import (
	"bytes"
	"math"
)

// holds says whether an order of two values is what the operator asks for.
func holds(op string, order int) bool {
	switch op {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// lacking is the outcome where a side is nil: nil equals nil only, and is neither less nor greater.
func lacking(op string, left, right bool) bool {
	switch op {
	case "==", "<=", ">=":
		return op == "==" && !left && !right
	case "!=":
		return left != right
	}
	return false
}

func compareNumbers[R any](op string, left, right *value[R]) func(R) bool {
	if left.plain != nil && right.fixed != nil && right.scale == 0 {
		if wanted, ok := right.fixed.isUint(); ok {
			return comparePlain(op, left.plain, wanted)
		}
	}
	scale := max(left.scale, right.scale)
	a, b := left.scaledTo(scale), right.scaledTo(scale)
	return func(r R) bool {
		x, ok := a(r)
		y, okay := b(r)
		if !ok || !okay {
			return lacking(op, ok, okay)
		}
		return holds(op, x.compare(y))
	}
}

// comparePlain is the everyday case: an unsigned column and a literal.
func comparePlain[R any](op string, column func(R) (uint64, bool), wanted uint64) func(R) bool {
	switch op {
	case "==":
		return func(r R) bool { v, ok := column(r); return ok && v == wanted }
	case "!=":
		return func(r R) bool { v, ok := column(r); return !ok || v != wanted }
	case "<":
		return func(r R) bool { v, ok := column(r); return ok && v < wanted }
	case "<=":
		return func(r R) bool { v, ok := column(r); return ok && v <= wanted }
	case ">":
		return func(r R) bool { v, ok := column(r); return ok && v > wanted }
	}
	return func(r R) bool { v, ok := column(r); return ok && v >= wanted }
}

func compareReals[R any](op string, a, b func(R) (float64, bool)) func(R) bool {
	return func(r R) bool {
		x, ok := a(r)
		y, okay := b(r)
		switch {
		case !ok || !okay:
			return lacking(op, ok, okay)
		case math.IsNaN(x) || math.IsNaN(y):
			return op == "!="
		case x < y:
			return holds(op, -1)
		case x > y:
			return holds(op, 1)
		}
		return holds(op, 0)
	}
}

func compareTexts[R any](op string, a, b func(R, []byte) ([]byte, bool)) func(R) bool {
	return func(r R) bool {
		var roomA, roomB [64]byte
		x, ok := a(r, roomA[:0])
		y, okay := b(r, roomB[:0])
		if !ok || !okay {
			return lacking(op, ok, okay)
		}
		return holds(op, bytes.Compare(x, y))
	}
}

// absent and absentText say that a value is nil.
func absent[R any](number func(R) (number, bool)) func(R) bool {
	return func(r R) bool {
		_, ok := number(r)
		return !ok
	}
}

func absentText[R any](text func(R, []byte) ([]byte, bool)) func(R) bool {
	return func(r R) bool {
		var room [64]byte
		_, ok := text(r, room[:0])
		return !ok
	}
}
