package text

import "strings"

// Hang breaks a line between words so that its parts are no wider than width; what follows the first part is indented. A
// word that is wider than that stays whole. A width of 0 breaks nothing.
func Hang(line string, indent, width int) []string {
	line = strings.TrimRight(line, " ")
	var parts []string
	for width > 0 && Width(line) > width {
		at := breakAt(line, width)
		if at < 0 {
			break
		}
		parts = append(parts, strings.TrimRight(line[:at], " "))
		line = strings.Repeat(" ", indent) + strings.TrimLeft(line[at:], " ")
	}
	return append(parts, line)
}

// breakAt is where a line is broken: at its last blank that leaves no more than width before it, or else at the next one;
// -1 if there is none behind its first word.
func breakAt(line string, width int) int {
	at, used := -1, 0
	for i, r := range line {
		if r == ' ' && strings.TrimSpace(line[:i]) != "" {
			if used > width && at >= 0 {
				return at
			}
			at = i
		}
		if used > width && at >= 0 {
			return at
		}
		used += Width(string(r))
	}
	return at
}

// secondColumn is where the second of two columns begins, parted by two blanks at least; 0 if there is only one.
func secondColumn(line string) int {
	first := strings.TrimLeft(line, " ")
	term, rest, found := strings.Cut(first, "  ")
	rest = strings.TrimLeft(rest, " ")
	if !found || term == "" || rest == "" {
		return 0
	}
	return Width(line) - Width(rest)
}

// hung is preformatted text whose lines fit a width: what goes on stands below where it began, in its column if that is not
// too far right.
func hung(body string, width int) string {
	if width <= 0 {
		return body
	}
	var lines []string
	for _, line := range strings.Split(body, "\n") {
		blanks := Width(line) - Width(strings.TrimLeft(line, " "))
		indent := blanks
		if second := secondColumn(line); second > 0 && second <= width/2 {
			indent = second
		} else if blanks > 0 {
			indent = min(blanks+2, width/2)
		}
		lines = append(lines, Hang(line, indent, width)...)
	}
	return strings.Join(lines, "\n")
}
