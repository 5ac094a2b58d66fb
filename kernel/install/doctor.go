package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
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

// examination is of one kernelspec.
type examination struct {
	Health
	data, dir string
}

// Examine looks at everything between Jupyter's menu and the first answer, in that order, as far as it can get.
func Examine(h Health) []Finding {
	findings := []Finding{examineJupyter()}
	dirs := DataPath()
	if h.Data != "" {
		dirs = []string{h.Data}
	}
	found := locate(dirs, h.Name)
	if len(found) == 0 {
		where := examination{Health: h, data: h.Data}
		return append(findings, Finding{
			What: "kernelspec " + h.Name, Problem: "in none of " + strings.Join(dirs, ", "), Cure: where.reinstall(),
		})
	}
	e := examination{h, found[0], folder(found[0], h.Name)}
	findings = append(findings, Finding{What: "kernelspec in " + e.dir})
	for _, other := range found[1:] {
		findings = append(findings, Finding{What: "hidden by it: " + folder(other, h.Name)})
	}
	return append(findings, e.examine()...)
}

func (e *examination) examine() []Finding {
	s, err := read(e.dir)
	if err != nil || len(s.Argv) == 0 {
		return []Finding{{
			What: "kernel.json", Problem: fmt.Sprintf("cannot be used: %v", orElse(err, "no argv")), Cure: e.reinstall(),
		}}
	}
	findings := []Finding{e.examineListing(), e.examineSpec(s), e.examineFiles()}
	program := e.examineProgram(s)
	if findings = append(findings, program); program.Problem != "" {
		return findings
	}
	return append(findings, e.examineAnswer(s))
}

// reinstall is the cure of most things: to install again, in the same place. A kernelspec that is not ours must be moved
// away before.
func (e *examination) reinstall() string {
	command := "mptcpkernel install"
	user, err := UserData()
	switch {
	case e.data == "" || err == nil && same(user, e.data):
		command += " --user"
	case same(PrefixData(filepath.Dir(filepath.Dir(e.data))), e.data):
		command += " --prefix " + filepath.Dir(filepath.Dir(e.data))
	default: // a folder of JUPYTER_PATH
		command = "remove " + e.dir + ", then: " + command + " --user"
	}
	if e.Name != Name {
		command += " --name " + e.Name
	}
	if err := mine(e.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		command = "move " + e.dir + " away, then: " + command
	}
	return command
}

func orElse(err error, s string) error {
	if err != nil {
		return err
	}
	return errors.New(s)
}

// locate gives the data folders that hold a kernelspec of that name, in the order in which Jupyter looks. One that may not
// be looked at counts: it is what is wrong.
func locate(dirs []string, name string) []string {
	var found []string
	for _, data := range dirs {
		if _, err := os.Stat(filepath.Join(folder(data, name), "kernel.json")); !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			found = append(found, data)
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
func (e *examination) examineListing() Finding {
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
	used, ok := list.Specs[strings.ToLower(e.Name)]
	switch {
	case !ok:
		return Finding{
			What: "Jupyter's own list of kernels", Problem: "does not have " + e.Name + ": that Jupyter looks in other folders",
			Cure: "mptcpkernel install --sys-prefix, in the environment that Jupyter runs in",
		}
	case !same(used.Dir, e.dir):
		return Finding{
			What: "Jupyter's own list of kernels", Problem: "uses " + used.Dir + " instead",
			Cure: "remove that folder, or install over it",
		}
	}
	return Finding{What: "Jupyter lists it"}
}

// examineSpec compares kernel.json with what installing writes.
func (e *examination) examineSpec(s *spec) Finding {
	f := Finding{What: "kernel.json", Cure: e.reinstall()}
	switch named := slices.Index(s.Argv, "--name"); {
	case !strings.Contains(strings.Join(s.Argv, " "), "{connection_file}"):
		f.Problem = "its argv has no {connection_file}"
	case s.Language != language:
		f.Problem = fmt.Sprintf("its language is %q: notebooks are written for another kernel", s.Language)
	case s.InterruptMode != interruptMode:
		f.Problem = fmt.Sprintf("its interrupt_mode is %q, not %q", s.InterruptMode, interruptMode)
	case named >= 0 && named+1 < len(s.Argv) && s.Argv[named+1] != e.Name:
		f.Problem = fmt.Sprintf("its argv names the kernelspec %s: charts would look for their library there", s.Argv[named+1])
	case s.Protocol != "" && s.Protocol != message.Version:
		f.Problem = fmt.Sprintf("it promises protocol %s, and %s is spoken", s.Protocol, message.Version)
	default:
		return Finding{What: "kernel.json"}
	}
	return f
}

// examineFiles compares what front ends fetch from the kernelspec.
func (e *examination) examineFiles() Finding {
	for _, name := range slices.Sorted(maps.Keys(e.Assets)) {
		got, err := os.ReadFile(filepath.Join(e.dir, name))
		if err != nil {
			return Finding{What: name, Problem: "missing: charts would stay pictures", Cure: e.reinstall()}
		}
		if !bytes.Equal(got, e.Assets[name]) {
			return Finding{What: name, Problem: "of another version", Cure: e.reinstall()}
		}
	}
	for _, l := range logos() {
		if _, err := os.Stat(filepath.Join(e.dir, l.name)); err != nil {
			return Finding{What: l.name, Problem: "missing: menus would show no picture", Cure: e.reinstall()}
		}
	}
	return Finding{What: "chart library and logos"}
}

func (e *examination) examineProgram(s *spec) Finding {
	f := Finding{What: "program " + s.Argv[0]}
	if path, err := exec.LookPath(s.Argv[0]); err != nil {
		f.Problem, f.Cure = "cannot be run: "+disk.Plain(err).Error(), e.reinstall()
	} else if !filepath.IsAbs(path) {
		f.Problem, f.Cure = "is no absolute path", e.reinstall()
	}
	return f
}

func (e *examination) examineAnswer(s *spec) Finding {
	who, err := probe(s)
	switch {
	case err != nil:
		return Finding{What: "a first question", Problem: disk.Plain(err).Error(), Cure: e.reinstall() + "; if that does not help, report it"}
	case who != language+" "+e.Version:
		return Finding{
			What: "a first question", Problem: fmt.Sprintf("answered by %s, this program is %s %s", who, language, e.Version), Cure: e.reinstall(),
		}
	}
	return Finding{What: "it starts and answers: " + who}
}
