// Package coretest runs the session scripts of testdata/script through a face: the terminal, the kernel and the page's
// bridge must all answer them with the same text. It is for tests only.
//
// A script is a txtar archive: a comment that tells the story, then pairs of files, "in" (a cell) and "out" (the text of
// its answer: blocks with an empty line between them, an error as a line "error: …" last). With -update the terminal's
// test writes the answers anew; read the difference before you commit it.
package coretest

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var update = flag.Bool("update", false, "write anew what a test compares with: session scripts, tables")

// Updating tells whether the test shall write anew what it compares with.
func Updating() bool { return *update }

// Root is the folder of the project, also of a test that is built without paths (-trimpath) and works in one of its folders.
func Root() string {
	if _, file, _, _ := runtime.Caller(0); filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "..")
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// Captures is the folder of the captures that scripts name without a path.
func Captures() string { return filepath.Join(Root(), "testdata", "captures") }

// Trace dissects one of the captures, or a file whose whole path is given.
func Trace(t *testing.T, name string) *trace.Trace {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(Captures(), name)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	made, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return made
}

// Face runs one cell and gives the text of its answer.
type Face func(cell string) string

// Run runs every script through a face of its own, made by start. The face works in the folder of the captures.
func Run(t *testing.T, start func(t *testing.T) Face) {
	files, err := filepath.Glob(filepath.Join(Root(), "testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no session scripts found: %v", err)
	}
	t.Chdir(Captures())
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runScript(t, file, start(t)) })
	}
}

func runScript(t *testing.T, file string, face Face) {
	script, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answered := &txtar.Archive{Comment: script.Comment}
	for i, f := range script.Files {
		if f.Name != "in" {
			continue
		}
		got := strings.TrimRight(face(string(f.Data)), "\n") + "\n"
		answered.Files = append(answered.Files, f, txtar.File{Name: "out", Data: []byte(got)})
		switch behind := script.Files[i+1:]; {
		case *update:
		case len(behind) == 0 || behind[0].Name != "out":
			t.Errorf("%s: %s\nhas no answer to compare with: the terminal's test writes it with -update", filepath.Base(file), strings.TrimSpace(string(f.Data)))
		case got != string(behind[0].Data):
			t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", filepath.Base(file), strings.TrimSpace(string(f.Data)), got, behind[0].Data)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(answered), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Truth is what the lab wrote down of a scenario's frames, behind the heads of the columns; column is the place of each head.
func Truth(t *testing.T, name string) (lines [][]string, column map[string]int) {
	t.Helper()
	f, err := os.Open(filepath.Join(Captures(), name+".truth.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column = map[string]int{}
	for i, head := range all[0] {
		column[head] = i
	}
	return all[1:], column
}
