package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestReadme runs every example of the README with the programs built from this tree and compares what stands below it.
func TestReadme(t *testing.T) {
	file := filepath.Join(coretest.Root(), "README.md")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed: the README's examples are not run")
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin+"/", "../mptcpanalyzer", "../mptcpexporter").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	examples := 0
	parts := strings.Split(string(old), "```")
	for i := 1; i < len(parts); i += 2 {
		block, found := strings.CutPrefix(parts[i], "console\n$ ")
		if !found {
			continue
		}
		examples++
		line, _, _ := strings.Cut(block, "\n")
		cmd := exec.Command(shell, "-o", "pipefail", "-c", line)
		cmd.Dir = coretest.Captures()
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		out, err := cmd.Output()
		if err != nil && !strings.Contains(line, "| head") {
			t.Errorf("%s: %v", line, err)
		}
		parts[i] = fmt.Sprintf("console\n$ %s\n%s", line, out)
	}
	if examples < 3 {
		t.Fatalf("only %d examples were found", examples)
	}
	compareReadme(t, file, string(old), withCommands(t, strings.Join(parts, "```")))
}

// withCommands puts the table of commands, derived from the registry, between its marks.
func withCommands(t *testing.T, readme string) string {
	before, rest, found := strings.Cut(readme, "<!-- commands -->\n")
	_, after, end := strings.Cut(rest, "<!-- end of commands -->")
	if !found || !end {
		t.Fatal("the README has lost the marks of its table of commands")
	}
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	for _, c := range core.Commands() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Synopsis(), c.Summary)
	}
	return before + "<!-- commands -->\n" + b.String() + "<!-- end of commands -->" + after
}

func compareReadme(t *testing.T, file, old, now string) {
	if old == now {
		return
	}
	if coretest.Updating() {
		if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	oldLines, nowLines := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i := range nowLines {
		if i >= len(oldLines) || oldLines[i] != nowLines[i] {
			t.Fatalf("README.md, line %d: the programs say %q", i+1, nowLines[i])
		}
	}
	t.Fatal("README.md has lines that the programs do not say")
}
