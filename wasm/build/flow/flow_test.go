//go:build !js

package flow

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compiled is the program in testdata as a module with names.
func compiled(t *testing.T) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "turns.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-w", "-o", name, "./testdata/turns")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compiling: %v\n%s", err, out)
	}
	module, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// run is what a module prints under node.
func run(t *testing.T, module []byte) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node: what a straightened module does is not seen")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "module.wasm")
	if err := os.WriteFile(name, module, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js"), name)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // Go has room for a small environment there
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// TestStraighten holds that a module does the same as before: with all its tables, with those of the program cut down, and
// with those of everything that is neither the runtime's nor a part of it.
func TestStraighten(t *testing.T) {
	module := compiled(t)
	want := run(t, module)
	if !strings.Contains(want, "loops 721 ") {
		t.Fatalf("the program prints\n%s", want)
	}
	for _, prefix := range []string{"none", "main.", "fmt.", "strings.", "slices."} {
		straight, err := Straighten(module, prefix, prefix)
		if err != nil {
			t.Fatal(err)
		}
		if len(straight) >= len(module) {
			t.Errorf("%s: %d bytes of %d", prefix, len(straight), len(module))
		}
		if got := run(t, straight); got != want {
			t.Errorf("%s: the module prints\n%s\nnot\n%s", prefix, got, want)
		}
	}
}

// TestFaster holds that numbers of the program are read whole, and that pieces of memory are compared by eight bytes.
func TestFaster(t *testing.T) {
	module := compiled(t)
	straight, err := Straighten(module, "main.", "main.")
	if err != nil {
		t.Fatal(err)
	}
	for what, code := range map[string][]byte{
		"bytes swapped":        {0x41, 0x08, 0x77, 0x41, 0xff, 0x81, 0xfc, 0x07, 0x71}, // i32.rotl by 8, and 0x00ff00ff
		"eight bytes compared": {0xa7, 0x29, 0x00, 0x00, 0x20, 0x01, 0xa7, 0x29, 0x00, 0x00, 0x52},
	} {
		if bytes.Contains(module, code) || !bytes.Contains(straight, code) {
			t.Errorf("%s: before %t, afterwards %t", what, bytes.Contains(module, code), bytes.Contains(straight, code))
		}
	}
}

// TestRefused holds that what is no module of Go's is refused.
func TestRefused(t *testing.T) {
	module := compiled(t)
	straight, err := Straighten(module, "main.", "main.")
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"nothing":     nil,
		"text":        []byte("no module"),
		"cut":         module[:len(module)/2],
		"cut early":   module[:9],
		"no names":    straight,
		"no sections": module[:8],
	} {
		if out, err := Straighten(bad, "main.", "main."); err == nil {
			t.Errorf("%s: %d bytes, and no error", name, len(out))
		}
	}
}

// TestDamaged holds that no byte of a module makes it panic.
func TestDamaged(t *testing.T) {
	module := compiled(t)
	for i := range 24 {
		bad := bytes.Clone(module)
		for at := i * 37; at < len(bad); at += 9973 {
			bad[at] ^= byte(i + 1)
		}
		_, _ = Straighten(bad, "main.", "main.") // whatever it answers
	}
	for i := range 120 {
		one := bytes.Clone(module[:len(module)>>(i%8)])
		one[(8+i*i)%len(one)] += byte(i)
		_, _ = Straighten(one, "main.", "main.")
	}
}
