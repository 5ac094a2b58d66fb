// Package spelling finds the word that was meant by one that is unknown, for suggestions in errors. It knows no language,
// only how many letters differ.
package spelling

import (
	"slices"
	"strings"
)

// Nearest is the candidate that was probably meant, or "": the smallest edit distance, at most a third of the word; of several one
// with the same letters in another order, or else the first.
func Nearest(s string, candidates []string) string {
	best, bestDistance, bestSwapped := "", len(s)/3+1, false
	for _, c := range candidates {
		d := editDistance(strings.ToLower(s), strings.ToLower(c))
		swapped := letters(s) == letters(c)
		if d <= bestDistance && (best == "" || d < bestDistance || swapped && !bestSwapped) {
			best, bestDistance, bestSwapped = c, d, swapped
		}
	}
	return best
}

// letters are those of a word in the order of the alphabet.
func letters(s string) string {
	b := []byte(strings.ToLower(s))
	slices.Sort(b)
	return string(b)
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
