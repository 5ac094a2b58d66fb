//go:build !js

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// saved runs a step and gives the content of the file that the page saves because of it.
func (b *tab) saved(step func()) []byte {
	b.t.Helper()
	dir := b.t.TempDir()
	_, err := chromedp.CallBrowser(b.Ctx, cdp.SetDownloadBehavior, cdp.SetDownloadBehaviorParams{
		Behavior: cdp.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: dir, EventsEnabled: new(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ended := chromedp.BrowserEvents(b.Ctx, cdp.DownloadProgress)
	step()
	for e, err := range ended {
		if err != nil {
			b.t.Fatal(err)
		}
		if e.State == cdp.DownloadProgressStateCompleted {
			content, err := os.ReadFile(filepath.Join(dir, e.GUID))
			if err != nil {
				b.t.Fatal(err)
			}
			return content
		}
	}
	b.t.Fatal("nothing was saved")
	return nil
}

// press presses the first button of that text within an element.
func (b *tab) press(within, text string) {
	b.t.Helper()
	browser.Eval[bool](b.Tab, `[...document.querySelectorAll('`+within+` button')].find((e) => e.textContent === '`+text+`').click() ?? true`)
}

// What the page shows can be taken along: as lines for the terminal and as a notebook for the kernel. Both are run, and
// draw the window that the page shows.
func TestTakenCommands(t *testing.T) {
	const name = "two-path-upload.client.pcapng"
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, name))
	b.state("idle")
	b.Wait(drawn)
	b.Do(chromedp.Focus(chromedp.CSS("#view .chart [role=group]")), chromedp.KeyEvent("+"))
	b.Wait(`location.hash.includes('from=')`)
	b.state("idle")
	b.enter("summary 0")
	b.state("idle")
	b.enter("nosuch")
	b.state("error")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(capture(t, name)))); err != nil {
		t.Fatal(err)
	}
	script := b.saved(func() { b.press("#view-head", "Script") })
	for _, want := range []string{"load " + name + "\n", "\nls 0\n", "\nplot dsn 0 --from 1.", "\ndump ", "\nsummary 0\n"} {
		if !strings.Contains(string(script), want) {
			t.Errorf("the script lacks %q:\n%s", want, script)
		}
	}
	if strings.Contains(string(script), "nosuch") {
		t.Errorf("the script holds a line that failed:\n%s", script)
	}
	runScript(t, dir, script)
	notebook := b.saved(func() { b.press("#view-head", "Notebook") })
	runNotebook(t, dir, notebook)
	b.Quiet()
}

// built is one of our programs, built for a test.
func built(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/"+name).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", name, err, out)
	}
	return program
}

// runScript runs lines in the terminal's program, beside the captures.
func runScript(t *testing.T, dir string, script []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "script.mptcp"), script, 0o644); err != nil {
		t.Fatal(err)
	}
	run := exec.Command(built(t, "mptcpanalyzer"), "--batch", "script.mptcp")
	run.Dir, run.Env = dir, alone(t)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("the script fails: %v\n%s", err, out)
	}
	for _, want := range []string{"MPTCP version 1 over 2 subflows", "Data sequence number · connection 0"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the script does not say %q:\n%s", want, out)
		}
	}
}

// runNotebook executes a notebook with our kernel, as nbclient does, beside the captures.
func runNotebook(t *testing.T, dir string, content []byte) {
	t.Helper()
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-W", "ignore", "-c", "import nbclient, nbformat").CombinedOutput(); err != nil {
		t.Skipf("needs Python's nbclient (Debian: python3-nbclient): %s", out)
	}
	jupyter := t.TempDir()
	env := append(alone(t), "JUPYTER_DATA_DIR="+jupyter, "JUPYTER_RUNTIME_DIR="+jupyter, "JUPYTER_CONFIG_DIR="+jupyter, "PYTHONWARNINGS=ignore")
	install := exec.Command(built(t, "mptcpkernel"), "install", "--user")
	install.Env = env
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("installing the kernel: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "taken.ipynb"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	execute := exec.Command(python, "-c", `import nbformat, nbclient
n = nbformat.read("taken.ipynb", 4)
nbformat.validate(n)
nbclient.NotebookClient(n, timeout=300).execute()
for c in n.cells:
    if c.cell_type == "code":
        assert c.outputs, c.source + ": no answer"
        print(c.source, [m for o in c.outputs for m in o.get("data", {})])`)
	execute.Dir, execute.Env = dir, env
	out, err := execute.CombinedOutput()
	if err != nil {
		t.Fatalf("the notebook fails: %v\n%s", err, out)
	}
	if !regexp.MustCompile(`(?m)^plot dsn 0 --from 1\.\d+ --to \d\.\d+ .*image/`).Match(out) {
		t.Errorf("the notebook draws no chart of the window:\n%s", out)
	}
}
