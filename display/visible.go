package display

import (
	"strconv"
	"strings"
	"unicode"
)

// Visible writes control characters, invisible ones and those that turn the direction of text as escapes ("\x1b"), so
// that a name from a capture shows what it is in a terminal, a page or a picture. The thin space stays.
func Visible(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if !hidden(c) {
			b.WriteRune(c)
			continue
		}
		quoted := strconv.QuoteRune(c)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// hidden says whether a rune shows nothing of itself. What is no UTF-8 is decoded as the replacement character.
func hidden(c rune) bool {
	if ' ' <= c && c <= '~' {
		return false
	}
	return unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || c == unicode.ReplacementChar
}
