package core

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
)

// word is one word of a line, after quotes are taken away. Start and end are byte offsets in the line, quotes included.
type word struct {
	text       string
	start, end int
	option     int  // where the option begins whose value this is
	quoted     bool // any part of it was quoted: never an option, never a redirection
	open       bool // a quote was never closed, or the line ends in a backslash
}

// splitWords splits a line as a POSIX shell does: blanks separate, ' and " quote, $'…' quotes with escapes (\n, \t, \x1b) in
// it, \ takes the next character as it is, # at the start of a word begins a comment, ; outside quotes ends a command. It
// returns one list of words a command.
func splitWords(line string) [][]word {
	commands := [][]word{nil}
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == ';':
			commands = append(commands, nil)
			i++
		case c == '#':
			i = len(line)
		default:
			w := scanWord(line, i)
			last := len(commands) - 1
			commands[last] = append(commands[last], w)
			i = w.end
		}
	}
	return commands
}

// scanWord reads the word that starts at offset i.
func scanWord(line string, i int) word {
	w := word{start: i}
	var b strings.Builder
	var quote byte
	for ; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == 0 && strings.IndexByte(" \t\r;", c) >= 0:
			w.text, w.end = b.String(), i
			return w
		case quote == 0 && strings.HasPrefix(line[i:], "$'"):
			n, closed := escaped(&b, line[i+2:])
			i, w.quoted, w.open = i+1+n, true, !closed
		case quote == 0 && (c == '\'' || c == '"'):
			quote, w.quoted = c, true
		case c == quote:
			quote = 0
		case c == '\\' && quote != '\'':
			if i+1 == len(line) {
				w.open = true
				break
			}
			i++
			if quote == '"' && strings.IndexByte(`"\$`+"`", line[i]) < 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	w.open = w.open || quote != 0
	w.text, w.end = b.String(), len(line)
	return w
}

// escapes are the characters that \ and a letter stand for in $'…'.
const escapes = "n\nt\tr\ra\ab\be\x1bf\fv\v"

// escaped reads the rest of $'…', up to its quote, and says how many bytes that took and whether there was a quote.
func escaped(b *strings.Builder, rest string) (n int, closed bool) {
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\'':
			return i + 1, true
		case c != '\\' || i+1 == len(rest):
			b.WriteByte(c)
		default:
			i++
			at := strings.IndexByte(escapes, rest[i])
			if code, err := strconv.ParseUint(rest[i+1:min(i+3, len(rest))], 16, 8); rest[i] == 'x' && err == nil && i+3 <= len(rest) {
				b.WriteByte(byte(code))
				i += 2
			} else if at >= 0 && at%2 == 0 {
				b.WriteByte(escapes[at+1])
			} else {
				b.WriteByte(rest[i])
			}
		}
	}
	return len(rest), false
}

// QuoteFile is Quote for the name of a file, which is neither an option nor a redirection, whatever it begins with.
func QuoteFile(name string) string {
	quoted := Quote(name)
	if quoted == name && name != "-" && strings.IndexAny(name, "-><|!?$") == 0 {
		return "'" + name + "'"
	}
	return quoted
}

// Quote writes a word so that the command language reads it back as one word, on one line.
func Quote(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' }) {
		var b strings.Builder
		for i := range len(s) {
			switch c := s[i]; {
			case c < ' ':
				fmt.Fprintf(&b, `\x%02x`, c)
			case c == '\'' || c == '\\':
				b.Write([]byte{'\\', c})
			default:
				b.WriteByte(c)
			}
		}
		return "$'" + b.String() + "'"
	}
	if s != "" && !strings.ContainsAny(s, " \t\r\n'\"\\;#") && utf8.ValidString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// nearest is the candidate that was probably meant, or "".
func nearest(s string, candidates []string) string { return spelling.Nearest(s, candidates) }
