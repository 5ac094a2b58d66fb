package dissect_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goFile finds the names of files in a comment.
var goFile = regexp.MustCompile(`(?:\w+/)*\w+\.go\b`)

// TestReadingOrder holds that the files that package comments name are there, and that a comment which gives an order of reading
// names every file of its package.
func TestReadingOrder(t *testing.T) {
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" {
			return fs.SkipDir
		}
		checkOrder(t, dir)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkOrder(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		text += parsed.Doc.Text()
	}
	named := map[string]bool{}
	for _, name := range goFile.FindAllString(text, -1) {
		named[filepath.Join(dir, name)] = true
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the comment of %s: %v", dir, err)
		}
	}
	if dir == "." || !strings.Contains(text, "# Reading order") {
		return
	}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") && !named[file] {
			t.Errorf("the reading order in the comment of %s lacks %s", dir, filepath.Base(file))
		}
	}
}
