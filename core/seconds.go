package core

import (
	"fmt"
	"strings"
	"time"
)

// Seconds reads a time in seconds, as 1.25 is, in ns. Units are refused: "1m" could be a minute or a millisecond.
func Seconds(word string) (int64, error) {
	if strings.Trim(word, "+-.0123456789") != "" {
		return 0, fmt.Errorf("%q is no time in seconds, as 1.25 is", word)
	}
	d, err := time.ParseDuration(word + "s")
	if err != nil {
		return 0, fmt.Errorf("%q is no time in seconds, as 1.25 is", word)
	}
	return d.Nanoseconds(), nil
}
