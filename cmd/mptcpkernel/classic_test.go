package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// server is the classic Notebook, with a folder of notebooks.
type server struct {
	t         *testing.T
	url, root string
}

// token is the password of the server.
const token = "t0k"

// serveNotebooks starts the classic Notebook of a Jupyter.
func serveNotebooks(t *testing.T, j *jupyter) *server {
	t.Helper()
	program, err := exec.LookPath("jupyter-notebook")
	if err != nil {
		t.Skip("needs the classic Notebook (Debian: jupyter-notebook):", err)
	}
	j.withoutWidgets()
	said := ""
	for range 5 {
		s := &server{t: t, url: "http://" + freeAddress(t), root: t.TempDir()}
		if said = s.start(program, j.env); said == "" {
			return s
		}
	}
	t.Fatalf("the Notebook does not answer:\n%s", said)
	return nil
}

// withoutWidgets keeps the Notebook from loading the widgets of Python, which complain of a kernel that takes long to start.
func (j *jupyter) withoutWidgets() {
	j.t.Helper()
	settings := filepath.Join(j.dir, "config", "nbconfig")
	if err := os.MkdirAll(settings, 0o755); err != nil {
		j.t.Fatal(err)
	}
	const off = `{"load_extensions": {"jupyter-js-widgets/extension": false}}`
	if err := os.WriteFile(filepath.Join(settings, "notebook.json"), []byte(off), 0o644); err != nil {
		j.t.Fatal(err)
	}
}

// freeAddress is one on which nobody listens. Somebody else may by the time that it is used.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start starts the Notebook and waits until it answers. It gives what the Notebook said where it ended instead.
func (s *server) start(program string, env []string) string {
	s.t.Helper()
	c := exec.Command(program, "--allow-root", "--no-browser", "--ip=127.0.0.1", "--port="+s.url[strings.LastIndexByte(s.url, ':')+1:],
		"--NotebookApp.port_retries=0", "--NotebookApp.token="+token, "--notebook-dir="+s.root)
	c.Env = env
	log := &strings.Builder{}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		c.Wait()
		close(ended)
	}()
	s.t.Cleanup(func() {
		c.Process.Signal(os.Interrupt) // it asks whether to, so
		c.Process.Signal(os.Interrupt) // say it again
		<-ended
	})
	limit := time.After(browser.Patience)
	for {
		if answer, err := http.Get(s.url + "/api?token=" + token); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return ""
			}
		}
		select {
		case <-ended:
			return log.String()
		case <-limit:
			s.t.Fatal("the Notebook takes too long")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// write makes a notebook with these cells.
func (s *server) write(name string, cells ...string) {
	s.t.Helper()
	type cell map[string]any
	n := map[string]any{
		"nbformat": 4, "nbformat_minor": 5,
		"metadata": cell{"kernelspec": cell{"name": "mptcpanalyzer", "display_name": "mptcpanalyzer", "language": "mptcpanalyzer"}},
	}
	var all []cell
	for i, source := range cells {
		all = append(all, cell{
			"cell_type": "code", "id": fmt.Sprint("cell-", i), "source": source, "outputs": []any{}, "metadata": cell{}, "execution_count": nil,
		})
	}
	n["cells"] = all
	b, err := json.Marshal(n)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.root, name), b, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// page is a notebook in a browser.
type page struct{ *browser.Tab }

// open opens a notebook and waits until its kernel answers.
func (s *server) open(t *testing.T, name string) page {
	s.t.Helper()
	p := page{browser.Open(t, s.url, "/notebooks/"+name+"?token="+token)}
	p.Wait(`window.Jupyter && Jupyter.notebook && Jupyter.notebook._fully_loaded`)
	p.ready()
	p.Console() // the Notebook has complaints of its own
	return p
}

func (p page) ready() {
	p.Wait(`Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected() && Jupyter.notebook.kernel.info_reply.status === 'ok'`)
}

// runAll runs every cell and waits until all have been.
func (p page) runAll() {
	browser.Eval[bool](p.Tab, `(Jupyter.notebook.clear_all_output(), Jupyter.notebook.execute_all_cells(), true)`)
	p.ended()
}

func (p page) ended() {
	p.Wait(`Jupyter.notebook.get_cells().filter((c) => c.cell_type === 'code')
		.every((c) => !c.element.hasClass('running') && c.input_prompt_number !== '*')`)
}

func (p page) text(selector string) string {
	return browser.Eval[string](p.Tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.innerText).join('\n')`, selector))
}

// drawnCharts counts the charts that a script has drawn.
const drawnCharts = `[...document.querySelectorAll('.output canvas')].filter((c) => c.width > 100).length`

// What a person does in the classic Notebook, done by a real browser: run, look, interrupt, restart, complete, ask for
// help, save, open again.
func TestClassicNotebook(t *testing.T) {
	need(t, "python3-jupyter-client", "jupyter_client")
	j := installed(t)
	s := serveNotebooks(t, j)
	load := "load " + filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng")
	s.write("look.ipynb", load, "lc", "plot dsn 0\nplot dsn 0 Server")
	t.Run("run", func(t *testing.T) { runAndReopen(t, s) })
	t.Run("interrupt", func(t *testing.T) {
		endless := filepath.Join(j.dir, "endless.pcap")
		writeEndless(t, endless)
		s.write("endless.ipynb", load, "load "+endless, "lc")
		interruptAndRestart(t, s)
	})
	t.Run("type", func(t *testing.T) { typeAndAsk(t, s) })
}

func runAndReopen(t *testing.T, s *server) {
	p := s.open(t, "look.ipynb")
	p.runAll()
	p.Wait(drawnCharts + ` === 2`)
	p.Picture("notebook-run")
	if listing := p.text(".output table"); !strings.Contains(listing, "10.0.1.1:34026") {
		t.Errorf("lc shows %q", listing)
	}
	p.Quiet()
	p.Do(chromedp.Sleep(time.Second)) // the Notebook counts as changed only after a moment
	browser.Eval[bool](p.Tab, `(window.saved = false, Jupyter.notebook.events.one('notebook_saved.Notebook', () => { window.saved = true; }),
		Jupyter.notebook.save_notebook(), true)`)
	p.Wait(`window.saved`)

	again := s.open(t, "look.ipynb")
	again.Wait(drawnCharts + ` === 2`)
	again.Quiet()

	// The same notebook with a word changed by another hand is not trusted: no script runs, the pictures stay.
	name := filepath.Join(s.root, "look.ipynb")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(b), "Client", "CLIENT", 1)
	if changed == string(b) {
		t.Fatal("nothing was changed")
	}
	if err := os.WriteFile(filepath.Join(s.root, "strange.ipynb"), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	strange := s.open(t, "strange.ipynb")
	strange.Picture("notebook-untrusted")
	if n := browser.Eval[int](strange.Tab, drawnCharts); n != 0 {
		t.Errorf("%d charts are drawn in a notebook that is not trusted", n)
	}
	const pictures = `[...document.querySelectorAll('.output img')].filter((i) => i.naturalWidth > 100).length`
	strange.Wait(pictures + ` === 2`)
	strange.Quiet()
}

func interruptAndRestart(t *testing.T, s *server) {
	p := s.open(t, "endless.ipynb")
	browser.Eval[bool](p.Tab, `(Jupyter.notebook.execute_all_cells(), true)`)
	p.Wait(`/endless\.pcap/.test([...document.querySelectorAll('.output')].map((e) => e.innerText).join(' '))`)
	p.Picture("notebook-progress")
	p.Do(chromedp.Click(chromedp.CSS(`button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]`)))
	p.Wait(`document.querySelector('.output_error')`)
	p.ended()
	if said := p.text(".output_error"); !strings.Contains(said, "interrupted") {
		t.Errorf("the interrupted cell says %q", said)
	}
	// What was loaded before is still there.
	browser.Eval[bool](p.Tab, `(Jupyter.notebook.select(2), Jupyter.notebook.execute_cell(), true)`)
	p.ended()
	p.Wait(`document.querySelector('.output table')`)

	browser.Eval[bool](p.Tab, `(Jupyter.notebook.clear_all_output(), window.was = Jupyter.notebook.kernel.id, window.back = false,
		Jupyter.notebook.events.one('kernel_ready.Kernel', () => { window.back = true; }), Jupyter.notebook.kernel.restart(), true)`)
	p.Wait(`window.back`)
	p.ready()
	browser.Eval[bool](p.Tab, `(Jupyter.notebook.select(2), Jupyter.notebook.execute_cell(), true)`)
	p.ended()
	p.Wait(`document.querySelector('.output_error')`) // the output may come after the end
	if said := p.text(".output_error"); !strings.Contains(said, "no capture is loaded") {
		t.Errorf("after a restart, lc says %q", said)
	}
	if n := browser.Eval[int](p.Tab, `Jupyter.notebook.get_cell(2).input_prompt_number`); n != 1 {
		t.Errorf("after a restart, the first cell is In[%d]", n)
	}
}

func typeAndAsk(t *testing.T, s *server) {
	s.write("type.ipynb", "")
	p := s.open(t, "type.ipynb")
	browser.Eval[bool](p.Tab, `(Jupyter.notebook.select(0), Jupyter.notebook.edit_mode(), true)`)
	cell := chromedp.CSS(".cell.selected textarea")
	p.Do(chromedp.SendKeys(cell, "accou\t"))
	p.Wait(`Jupyter.notebook.get_selected_cell().get_text().trim() === 'account'`)
	const shiftTab = `(() => { const c = Jupyter.notebook.get_selected_cell(); Jupyter.notebook.kernel && c.tooltip.request(c); return true; })()`
	browser.Eval[bool](p.Tab, shiftTab)
	p.Wait(`/account for every byte/i.test(document.querySelector('#tooltip').innerText)`)
	p.Picture("notebook-tooltip")
}
