package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// activity is what goes on while an answer is not there yet: a bar, or a page that refreshes in its place.
type activity struct {
	bar   *progressbar.ProgressBar
	since time.Time // start of the work that the bar shows
	lines int       // of the page that stands on the terminal
}

// barDelay is how long work goes on before its bar is shown.
const barDelay = 500 * time.Millisecond

// Progress shows how far work has come on stderr, when that is a terminal.
func (t *terminal) Progress(p display.Progress) {
	if _, ok := console.Terminal(t.stderr); !ok {
		return
	}
	if p.End {
		t.clearBar()
		return
	}
	if p.Page != nil {
		t.showPage(p.Page)
		return
	}
	b := &t.busy
	if b.since.IsZero() {
		b.since = time.Now()
	}
	if b.bar == nil && time.Since(b.since) > barDelay {
		total := p.Total
		if total == 0 {
			total = -1
		}
		b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(t.stderr), progressbar.OptionShowBytes(p.Unit == display.Bytes),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))
	}
	if b.bar != nil {
		b.bar.Describe(p.Task + " · " + p.Note)
		b.bar.Set64(p.Done)
	}
}

// showPage draws a page where the one before it stood. What does not fit the terminal's height is left out at its end.
func (t *terminal) showPage(page display.Page) {
	width, height := console.Size(t.stderr)
	r := console.Renderer(t.stdout, t.settings)
	r.Width = width
	var out bytes.Buffer
	if err := r.Page(&out, page); err != nil {
		return
	}
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	if most := height - 1; height > 1 && len(lines) > most {
		lines = append(lines[:most-1], fmt.Sprintf("… %d more lines", len(lines)-most+1))
	}
	t.clearPage()
	fmt.Fprint(t.stderr, strings.Join(lines, "\n")+"\n")
	t.busy.lines = len(lines)
}

func (t *terminal) clearPage() {
	if t.busy.lines > 0 {
		fmt.Fprintf(t.stderr, "\x1b[%dA\r\x1b[J", t.busy.lines)
		t.busy.lines = 0
	}
}

func (t *terminal) clearBar() {
	if t.busy.bar != nil {
		t.busy.bar.Clear()
	}
	t.clearPage()
	t.busy = activity{}
}

// interrupts gives a context that Ctrl-C ends. A second Ctrl-C ends the program: the command does not listen.
func (t *terminal) interrupts() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-over:
				return
			case <-signals:
				if n > 0 {
					fmt.Fprintln(t.stderr, "\nmptcpanalyzer: interrupted twice")
					os.Exit(interrupted)
				}
				cancel()
			}
		}
	}()
	stopped := false
	return ctx, func() {
		if !stopped {
			stopped = true
			signal.Stop(signals)
			close(over)
			cancel()
		}
	}
}

// interrupted is the exit status that a shell gives to what SIGINT ended.
const interrupted = 130

// Levels of -d.
const (
	tellCauses = 1 + iota
	tellSettings
	tellTimes
	tellMemory
)

// tellSettings writes what the session goes by.
func (t *terminal) tellSettings() {
	if t.debug >= tellSettings {
		_ = text.Renderer{}.Block(t.stderr, t.settings.Table())
	}
}

// timed runs something and tells how long it took.
func (t *terminal) timed(what string, f func() error) error {
	began := time.Now()
	err := f()
	if t.debug >= tellTimes {
		fmt.Fprintf(t.stderr, "debug: %s: %v\n", what, time.Since(began).Round(time.Microsecond))
	}
	if t.debug >= tellMemory {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Fprintf(t.stderr, "debug: memory: %s in use, %s from the system, %d collections\n",
			display.Scaled(float64(m.HeapAlloc), display.Bytes), display.Scaled(float64(m.Sys), display.Bytes), m.NumGC)
	}
	return err
}
