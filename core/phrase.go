package core

import (
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// number writes a whole number for people.
func number(n uint64) string { return display.Thousands(strconv.FormatUint(n, 10)) }

// count writes a number of things: "1 packet", "12 345 packets".
func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}
