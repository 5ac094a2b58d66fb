//go:build !js

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildIsReproducible builds the page again. index.html names a hash of everything else.
func TestBuildIsReproducible(t *testing.T) {
	again := filepath.Join(t.TempDir(), "dist")
	if out, err := exec.Command("go", "run", "./build", "-o", again).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(dir string) string {
		text, err := os.ReadFile(filepath.Join(dir, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if read(again) != read(dist) {
		t.Error("the same sources gave another page")
	}
}

// TestNothingIsInline holds the page to its policy: no script, style or address of another host in its files.
func TestNothingIsInline(t *testing.T) {
	html, err := os.ReadFile(filepath.Join(dist, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, banned := range []string{"<style", " style=", " onclick=", "<script>", "http://", "https://", "{{"} {
		if strings.Contains(string(html), banned) {
			t.Errorf("index.html contains %q", banned)
		}
	}
	scripts, err := filepath.Glob(filepath.Join("web", "*.js"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range scripts {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, banned := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http://", "https://"} {
			if strings.Contains(string(code), banned) {
				t.Errorf("%s contains %q", name, banned)
			}
		}
	}
}
