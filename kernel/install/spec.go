package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel"
)

// Name and display name of the kernel, unless the user says otherwise.
const (
	Name        = kernel.Implementation
	DisplayName = kernel.Implementation
	language    = kernel.Implementation

	interruptMode = "message"
)

// ErrMisuse is wrapped by errors about what the user said.
var ErrMisuse = errors.New("misuse")

// Options of an installation.
type Options struct {
	Data        string // Jupyter data folder: the kernelspec goes to kernels/NAME in it
	Name        string // of the kernelspec
	DisplayName string // in menus
	Env         []string
	Program     string            // the kernel program that is running
	Assets      map[string][]byte // files that front ends fetch from the kernelspec: the chart library
}

// spec is kernel.json.
type spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Protocol      string            `json:"kernel_protocol_version,omitempty"` // not written: every front end asks the kernel
	Metadata      map[string]any    `json:"metadata"`
}

// folder of a kernelspec in a data folder.
func folder(data, name string) string { return filepath.Join(data, "kernels", name) }

// checkName refuses what Jupyter would: it looks only at names of letters, digits, and . _ -
func checkName(name string) error {
	ok := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
	}
	if name == "" || name == "." || name == ".." || strings.IndexFunc(name, func(r rune) bool { return !ok(r) }) >= 0 {
		return misuse("kernel name %q: only letters, digits, dots, underscores and dashes", name)
	}
	return nil
}

// wrong is an error that wraps ErrMisuse without its text.
type wrong struct{ error }

func (wrong) Is(target error) bool { return target == ErrMisuse }

func misuse(format string, a ...any) error { return wrong{fmt.Errorf(format, a...)} }

// environment takes NAME=VALUE pairs apart.
func environment(pairs []string) (map[string]string, error) {
	env := map[string]string{}
	for _, p := range pairs {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, misuse("environment %q: want NAME=VALUE", p)
		}
		env[name] = value
	}
	return env, nil
}

// Install writes the kernelspec and gives its folder. One of the same name is replaced as a whole or not at all; a folder
// that is something else is left alone.
func Install(o Options) (dir string, err error) {
	if err := checkName(o.Name); err != nil {
		return "", err
	}
	env, err := environment(o.Env)
	if err != nil {
		return "", err
	}
	dir = folder(o.Data, o.Name)
	if err := mine(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	draft, err := os.MkdirTemp(filepath.Dir(dir), "."+o.Name+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(draft) // gone already if all went well
	if err := fill(draft, dir, env, o); err != nil {
		return "", err
	}
	if err := os.Chmod(draft, 0o755); err != nil {
		return "", err
	}
	return dir, exchange(draft, dir)
}

// exchange puts a folder in the place of another.
func exchange(draft, dir string) error {
	old := draft + "-old"
	moved := os.Rename(dir, old)
	if moved != nil && !errors.Is(moved, os.ErrNotExist) {
		return moved
	}
	if err := os.Rename(draft, dir); err != nil {
		if moved == nil {
			_ = os.Rename(old, dir) // the first error is the one to tell
		}
		return err
	}
	return os.RemoveAll(old)
}

// fill writes the files of a kernelspec that will be called dir.
func fill(draft, dir string, env map[string]string, o Options) error {
	program := o.Program
	if !stays(program) {
		base := copied()
		if err := copyFile(filepath.Join(draft, base), program, 0o755); err != nil {
			return fmt.Errorf("copying the program: %w", err)
		}
		program = filepath.Join(dir, base)
	}
	b, err := json.MarshalIndent(spec{
		Argv:        []string{program, "run", "--name", o.Name, "{connection_file}"},
		DisplayName: o.DisplayName, Language: language, InterruptMode: interruptMode, Env: env,
		Metadata: map[string]any{"debugger": false},
	}, "", "  ")
	if err != nil {
		return err
	}
	files := map[string][]byte{"kernel.json": append(b, '\n')}
	for _, l := range logos() {
		if files[l.name], err = l.draw(); err != nil {
			return err
		}
	}
	maps.Copy(files, o.Assets)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(draft, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// mine says whether a folder is a kernelspec of this kernel: only such are replaced or removed. One whose kernel.json is
// gone or broken is told by its other files.
func mine(dir string) error {
	if _, err := os.Lstat(dir); err != nil {
		return err
	}
	s, err := read(dir)
	if err == nil && s.Language == language || err != nil && onlyOurs(dir) {
		return nil
	}
	return fmt.Errorf("%s is no kernelspec of mptcpanalyzer: it is left alone", dir)
}

// onlyOurs says whether a folder holds our logo, and nothing that installing does not write.
func onlyOurs(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	known := []string{"kernel.json", copied()}
	for _, l := range logos() {
		known = append(known, l.name)
	}
	for _, e := range entries {
		if name := e.Name(); !slices.Contains(known, name) && !strings.HasPrefix(name, "echarts.") {
			return false
		}
	}
	logo, err := os.ReadFile(filepath.Join(dir, "logo-svg.svg"))
	return err == nil && string(logo) == logoSVG()
}

// copied is the name of a copy of the program.
func copied() string {
	if runtime.GOOS == "windows" {
		return "mptcpkernel.exe"
	}
	return "mptcpkernel"
}

func read(dir string) (*spec, error) {
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return nil, err
	}
	s := &spec{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "kernel.json"), err)
	}
	return s, nil
}

// Uninstall removes a kernelspec of this kernel and gives the folder it was in.
func Uninstall(data, name string) (dir string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	dir = folder(data, name)
	if err := mine(dir); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s: there is no such kernelspec", dir)
	} else if err != nil {
		return "", err
	}
	return dir, os.RemoveAll(dir)
}
