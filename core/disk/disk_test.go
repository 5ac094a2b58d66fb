package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// A file appears whole, with the permissions of the one before it, or the one before it stays and nothing lies beside it.
func TestSave(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "answer.csv")
	writing := func(text string, end error) func(io.Writer) error {
		return func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return end
		}
	}
	broken := errors.New("broken")
	for _, step := range []struct {
		text string
		end  error
		want string // what the file then holds; "" is no file
	}{{"lost", broken, ""}, {"first", nil, "first"}, {"lost", broken, "first"}, {"second", nil, "second"}} {
		if err := disk.Save(name, writing(step.text, step.end)); !errors.Is(err, step.end) {
			t.Fatalf("%s: %v", step.text, err)
		}
		got, err := os.ReadFile(name)
		if string(got) != step.want || (err != nil) != (step.want == "") {
			t.Errorf("after %s, %v: %q, %v", step.text, step.end, got, err)
		}
		if err == nil {
			if err := os.Chmod(name, 0o640); err != nil {
				t.Fatal(err)
			}
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if err := disk.Save(folder, writing("x", nil)); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("over a folder: %v", err)
	}
	if err := disk.Save(filepath.Join(folder, "no", "such"), writing("x", nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

// An error is told without the operation and the name, and is still the same error.
func TestPlain(t *testing.T) {
	_, opening := os.Open("no such file")
	starting := exec.Command("no-such-program").Run()
	linking := os.Link("no such file", filepath.Join(t.TempDir(), "x"))
	other := errors.New("other")
	for err, same := range map[error]error{opening: fs.ErrNotExist, linking: fs.ErrNotExist, starting: exec.ErrNotFound, other: other} {
		if got := disk.Plain(err); !errors.Is(got, same) || strings.Contains(got.Error(), "such file:") || strings.Contains(got.Error(), "no-such-program") {
			t.Errorf("%v is told as %v", err, got)
		}
	}
}
