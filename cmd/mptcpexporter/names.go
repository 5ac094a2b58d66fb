package main

import (
	"path/filepath"
	"strings"
)

// captureNames are what the captures of a run are called in the tables: their files' names, and of files with one name, as of runs of an
// experiment in a folder each, so many folders before them as tell them apart.
func captureNames(inputs []string) []string {
	names := make([]string, len(inputs))
	same := map[string][]int{}
	for i, input := range inputs {
		names[i] = filepath.Base(input)
		same[names[i]] = append(same[names[i]], i)
	}
	for _, list := range same {
		seen, whole := map[string]bool{}, false // those that are whole and still the same are one file, given several times
		for deep := 2; len(list) > 1 && len(seen) < len(list) && !whole; deep++ {
			clear(seen)
			whole = true
			for _, i := range list {
				name, all := tail(inputs[i], deep)
				names[i], seen[name], whole = name, true, whole && all
			}
		}
	}
	return names
}

// tail is the end of a path, with so many of its parts at most, and whether that is all of it.
func tail(path string, parts int) (end string, all bool) {
	words := strings.Split(strings.Trim(filepath.ToSlash(filepath.Clean(path)), "/"), "/")
	if parts >= len(words) {
		return strings.Join(words, "/"), true
	}
	return strings.Join(words[len(words)-parts:], "/"), false
}
