// Package corpus finds the captures, oracles and topologies of other people, which the environment variable MPTCP_CORPUS
// names the folder of and which are not part of the project. It is for tests only.
//
// A test that is about nothing else calls Dir, which skips it where they are not; one that has captures of ours besides
// adds what Files or Folder find. Either way the test says so.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Variable is the environment variable that names the folder.
const Variable = "MPTCP_CORPUS"

// Dir is the folder; the test is skipped where there is none.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(Variable)
	if dir == "" {
		t.Skip(Variable + " is not set: other people's captures are not here")
	}
	return dir
}

// Folder is the folder, empty where there is none.
func Folder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(Variable)
	if dir == "" {
		t.Log(Variable + " is not set: only the project's own captures are used")
	}
	return dir
}

// Files are the files that match the patterns, none where there is no folder. A pattern that nothing matches fails the test.
func Files(t testing.TB, patterns ...string) []string {
	t.Helper()
	dir := Folder(t)
	if dir == "" {
		return nil
	}
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: nothing in %s, %v", pattern, dir, err)
		}
		all = append(all, found...)
	}
	return all
}
