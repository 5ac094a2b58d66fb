package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// UserData is the folder of the user's own Jupyter data: JUPYTER_DATA_DIR, or what the system calls for.
func UserData() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	case "windows":
		if dir := os.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
		return filepath.Join(home, ".jupyter", "data"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// PrefixData is the Jupyter data folder under a prefix such as /usr/local or an environment.
func PrefixData(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SysPrefix is the prefix of the Python environment that is active: a virtual environment, conda's, or that of the
// Python on PATH.
func SysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return dir, nil
		}
	}
	var failure error
	for _, python := range []string{"python3", "python"} {
		out, err := exec.Command(python, "-c", "import sys; print(sys.prefix)").Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
		failure = err
	}
	return "", failure
}

// DataPath lists the data folders that Jupyter searches for kernelspecs, the first to be used first.
func DataPath() []string {
	dirs := filepath.SplitList(os.Getenv("JUPYTER_PATH"))
	if user, err := UserData(); err == nil {
		dirs = append(dirs, user)
	}
	if prefix, err := SysPrefix(); err == nil {
		dirs = append(dirs, PrefixData(prefix))
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("PROGRAMDATA"); dir != "" {
			dirs = append(dirs, filepath.Join(dir, "jupyter"))
		}
	} else {
		dirs = append(dirs, "/usr/local/share/jupyter", "/usr/share/jupyter")
	}
	return distinct(dirs)
}

func distinct(dirs []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, d := range dirs {
		if d != "" && !seen[filepath.Clean(d)] {
			seen[filepath.Clean(d)] = true
			kept = append(kept, filepath.Clean(d))
		}
	}
	return kept
}

// stays says whether a program stands where it will be found again: in a folder of PATH, and not in a temporary one.
func stays(program string) bool {
	dir := filepath.Dir(program)
	if temporary(dir) {
		return false
	}
	for _, d := range filepath.SplitList(os.Getenv("PATH")) {
		if same(d, dir) {
			return true
		}
	}
	return false
}

func temporary(dir string) bool {
	if strings.Contains(dir, "go-build") {
		return true
	}
	rel, err := filepath.Rel(resolved(os.TempDir()), resolved(dir))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func same(a, b string) bool { return a != "" && resolved(a) == resolved(b) }

// resolved is a path without symbolic links, where that can be found out.
func resolved(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return filepath.Clean(path)
}
