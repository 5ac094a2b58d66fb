package core

import (
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

// splitWords splits a line as a POSIX shell does: blanks separate, ' and " quote, \ takes the next character as it is,
// # at the start of a word begins a comment, ; outside quotes ends a command. It returns one list of words a command.
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

// Quote writes a word so that the command language reads it back as one word.
func Quote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\r\n'\"\\;#") && utf8.ValidString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// nearest is the candidate that was probably meant, or "".
func nearest(s string, candidates []string) string { return spelling.Nearest(s, candidates) }
