package core

import (
	"strings"
	"unicode/utf8"
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

// nearest is the candidate that was probably meant, or "": the smallest edit distance, at most a third of the word.
func nearest(s string, candidates []string) string {
	best, bestDistance := "", len(s)/3+1
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(s), strings.ToLower(c)); d <= bestDistance && (best == "" || d < bestDistance) {
			best, bestDistance = c, d
		}
	}
	return best
}

// editDistance is Damerau and Levenshtein's, with swaps of neighbours, over bytes.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
