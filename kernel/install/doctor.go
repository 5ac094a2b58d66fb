package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Finding is one thing that was examined. It is well when Problem is empty.
type Finding struct {
	What    string // what was looked at and found
	Problem string
	Cure    string // what to do about the problem
}

// Health is what is expected of an installation.
type Health struct {
	Name    string            // of the kernelspec
	Version string            // of the program that examines
	Assets  map[string][]byte // as they should be
	Data    string            // the one data folder to look in; empty: all that Jupyter searches
}

// reinstall is the cure of most things.
const reinstall = "mptcpkernel install --user"

// Examine looks at everything between Jupyter's menu and the first answer, in that order, as far as it can get.
func Examine(h Health) []Finding {
	findings := []Finding{examineJupyter()}
	dirs := DataPath()
	if h.Data != "" {
		dirs = []string{h.Data}
	}
	found := locate(dirs, h.Name)
	if len(found) == 0 {
		return append(findings, Finding{
			What:    "kernelspec " + h.Name,
			Problem: "in none of " + strings.Join(dirs, ", "),
			Cure:    reinstall,
		})
	}
	dir := found[0]
	findings = append(findings, Finding{What: "kernelspec in " + dir})
	for _, other := range found[1:] {
		findings = append(findings, Finding{What: "hidden by it: " + other})
	}
	s, err := read(dir)
	if err != nil || len(s.Argv) == 0 {
		return append(findings, Finding{
			What: "kernel.json", Problem: fmt.Sprintf("cannot be used: %v", orElse(err, "no argv")), Cure: reinstall,
		})
	}
	findings = append(findings, examineListing(h.Name, dir), examineAssets(dir, h.Assets))
	program := examineProgram(s)
	if findings = append(findings, program); program.Problem != "" {
		return findings
	}
	return append(findings, examineAnswer(s, h.Version))
}

func orElse(err error, s string) error {
	if err != nil {
		return err
	}
	return errors.New(s)
}

// locate gives the folders that hold a kernelspec of that name, in the order in which Jupyter looks.
func locate(dirs []string, name string) []string {
	var found []string
	for _, data := range dirs {
		if _, err := os.Stat(filepath.Join(folder(data, name), "kernel.json")); err == nil {
			found = append(found, folder(data, name))
		}
	}
	return found
}

func examineJupyter() Finding {
	for _, name := range []string{"jupyter", "jupyter-lab", "jupyter-notebook"} {
		if path, err := exec.LookPath(name); err == nil {
			return Finding{What: "Jupyter: " + path}
		}
	}
	return Finding{
		What: "Jupyter", Problem: "not on PATH",
		Cure: "install it (Debian: apt install jupyter-notebook; elsewhere: pip install notebook), or open the notebook in an editor that brings its own",
	}
}

// examineListing asks Jupyter itself which kernelspec it would use, where its command is there to be asked.
func examineListing(name, dir string) Finding {
	out, err := exec.Command("jupyter", "kernelspec", "list", "--json").Output()
	if err != nil {
		return Finding{What: "Jupyter's own list of kernels: it cannot be asked (the command jupyter-kernelspec is missing)"}
	}
	var list struct {
		Specs map[string]struct {
			Dir string `json:"resource_dir"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return Finding{What: "Jupyter's own list of kernels: it cannot be read"}
	}
	// Jupyter lists names in lower case.
	used, ok := list.Specs[strings.ToLower(name)]
	switch {
	case !ok:
		return Finding{
			What: "Jupyter's own list of kernels", Problem: "does not have " + name + ": that Jupyter looks in other folders",
			Cure: "mptcpkernel install --sys-prefix, in the environment that Jupyter runs in",
		}
	case !same(used.Dir, dir):
		return Finding{
			What: "Jupyter's own list of kernels", Problem: "uses " + used.Dir + " instead",
			Cure: "remove that folder, or install over it",
		}
	}
	return Finding{What: "Jupyter lists it"}
}

func examineAssets(dir string, assets map[string][]byte) Finding {
	for name, want := range assets {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return Finding{What: name, Problem: "missing: charts would stay pictures", Cure: reinstall}
		}
		if !bytes.Equal(got, want) {
			return Finding{What: name, Problem: "of another version", Cure: reinstall}
		}
	}
	return Finding{What: "chart library"}
}

func examineProgram(s *spec) Finding {
	program := s.Argv[0]
	if path, err := exec.LookPath(program); err != nil {
		return Finding{What: "program " + program, Problem: "cannot be run: " + plain(err), Cure: reinstall}
	} else if !filepath.IsAbs(path) {
		return Finding{What: "program " + program, Problem: "is no absolute path", Cure: reinstall}
	}
	if !strings.Contains(strings.Join(s.Argv, " "), "{connection_file}") {
		return Finding{What: "kernel.json", Problem: "its argv has no {connection_file}", Cure: reinstall}
	}
	return Finding{What: "program " + program}
}

// plain is the cause of an error without the operation.
func plain(err error) string {
	var e *exec.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

func examineAnswer(s *spec, version string) Finding {
	who, err := probe(s)
	switch {
	case err != nil:
		return Finding{What: "a first question", Problem: err.Error(), Cure: reinstall + "; if that does not help, report it"}
	case who != language+" "+version:
		return Finding{
			What: "a first question", Problem: fmt.Sprintf("answered by %s, this program is %s", who, version), Cure: reinstall,
		}
	}
	return Finding{What: "it starts and answers: " + who}
}
