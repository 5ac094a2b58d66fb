package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// python is the one that Debian's Jupyter packages are for.
const python = "/usr/bin/python3"

// latency measures round trips of the Jupyter kernel beside ipykernel's, with a real client, if both are there. The kernel
// is installed for this in dir, so that the user's own Jupyter is left alone.
func latency(w io.Writer, capture, dir string) error {
	if out, err := exec.Command(python, "-c", "import jupyter_client, ipykernel").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: the kernel is left out: %s\n", strings.TrimSpace(string(out)))
		return nil
	}
	kernel, err := filepath.Abs(filepath.Join("bin", "mptcpkernel"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(kernel); err != nil {
		fmt.Fprintln(os.Stderr, "bench: bin/mptcpkernel was not built, it is left out")
		return nil
	}
	if capture, err = filepath.Abs(capture); err != nil {
		return err
	}
	env := append(os.Environ(), "PYTHONWARNINGS=ignore", "PYDEVD_DISABLE_FILE_VALIDATION=1")
	for _, name := range []string{
		"JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
	} {
		env = append(env, name+"="+filepath.Join(dir, strings.ToLower(name)))
	}
	fmt.Fprintln(w)
	for _, args := range [][]string{{kernel, "install"}, {python, filepath.Join("cmd", "mptcpkernel", "testdata", "latency.py"), capture}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = env
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if args[0] == python {
			_, err = w.Write(out)
			return err
		}
	}
	return nil
}
