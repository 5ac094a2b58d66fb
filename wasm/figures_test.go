//go:build !js

package main_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// watch is a script that runs before those of the page. It keeps when the page became ready, when a file was dropped and when
// the first connection stood in the table after that, the longest time between two frames in between, the charts made, and
// the first request for finer points, with when it was answered.
const watch = `(() => {
	const seen = window.seen = { gap: 0 };
	new MutationObserver(() => {
		if (document.documentElement?.dataset.state === 'ready') seen.ready ??= performance.now();
		if (seen.dropped && !seen.table && document.querySelector('[data-testid=connections] tbody tr[data-index]')) {
			requestAnimationFrame(() => { seen.table ??= performance.now(); });
		}
	}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
	addEventListener('drop', () => { seen.dropped = performance.now(); seen.gap = 0; }, true);
	let last = 0;
	const frame = (now) => {
		if (last && !seen.table) seen.gap = Math.max(seen.gap, now - last);
		last = now;
		requestAnimationFrame(frame);
	};
	requestAnimationFrame(frame);
	window.Worker = class extends Worker {
		constructor(...how) {
			super(...how);
			this.addEventListener('message', ({ data }) => { if (data.id !== undefined && data.id === seen.finer?.id) seen.finer.came ??= performance.now(); });
		}

		postMessage(m, ...more) {
			if (m.request?.includes('"do":"chart"')) seen.finer ??= { id: m.id };
			super.postMessage(m, ...more);
		}
	};
	addEventListener('DOMContentLoaded', () => {
		const library = globalThis[Symbol.for('mptcp.echarts')];
		const init = library.init;
		seen.charts = [];
		library.init = (...args) => {
			const chart = init(...args);
			seen.charts.push(chart);
			return chart;
		};
	});
})()`

// readFile reads a chosen file by its stream, as the page does, and does nothing with it.
const readFile = `(async () => {
	const reader = document.querySelector('#measured').files[0].stream().getReader();
	const start = performance.now();
	while (!(await reader.read()).done);
	return performance.now() - start;
})()`

// zoomed zooms into the middle of the first chart. It tells how long it takes until that is drawn of the points at hand, until
// it is drawn of the finer ones that the core gives (less the chart's wait for the zooming to end), and how many points the
// chart has.
const zoomed = `(async () => {
	const chart = seen.charts.find((c) => !c.isDisposed() && c.getDom().isConnected);
	const root = chart.getDom().closest('[tabindex]');
	const rendered = (ok) => new Promise((done) => {
		const look = () => {
			if (!ok()) return;
			chart.off('rendered', look);
			done(performance.now());
		};
		chart.on('rendered', look);
	});
	const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
	const quiet = async () => {
		let n = 0;
		const count = () => { n++; };
		chart.on('rendered', count);
		for (let before = -1; before !== n;) {
			before = n;
			await new Promise((done) => { setTimeout(done, 1000); });
		}
		chart.off('rendered', count);
	};
	await quiet();
	const points = /([0-9][0-9\s.,\u2009\u202f]*) points as/.exec(JSON.stringify(chart.getOption().title))?.[1] ?? '0';
	delete seen.finer; // what this chart asks for is asked for first
	const start = performance.now();
	const closer = rendered(() => true), finer = rendered(() => seen.finer?.came);
	press('+');
	const took = [await closer - start, await finer - start - 150, Number(points.replace(/[^0-9]/g, ''))];
	press('0');
	await quiet();
	return took;
})()`

// figures are the best of all rounds.
type figures map[string]float64

func (f figures) take(name string, value float64) {
	if best, ok := f[name]; !ok || value < best {
		f[name] = value
	}
}

func (f figures) report(b *testing.B) {
	b.ReportMetric(0, "ns/op") // the rounds as such say nothing
	for name, value := range f {
		b.ReportMetric(value, name)
	}
}

// BenchmarkPage measures the page in Chromium with a capture of 1.6 million packets, 200 MB. The figures are the best of all
// rounds, of five with -benchtime 5x:
//
//	ready-ms   from opening the page, which the browser has kept, until a capture may be dropped
//	read-ms    the browser's own time to read the file
//	drop-ms    from the drop to the table of connections
//	gap-ms     the longest time between two frames meanwhile
//	brotli-MB  what the first visit downloads, without the samples
func BenchmarkPage(b *testing.B) {
	tab, capture := measured(b, "-packets", "1600000")
	best := figures{}
	for b.Loop() {
		best.open(tab, capture)
	}
	best["drop/read"] = best["drop-ms"] / best["read-ms"]
	best["brotli-MB"] = wire(b) / 1e6
	best.report(b)
}

// BenchmarkZoom measures the time-sequence chart of one connection with more than a million points.
//
//	zoom-ms    from a key to the chart drawn closer, with the points at hand
//	detail-ms  to the same with the finer points of that window, which the core gives
func BenchmarkZoom(b *testing.B) {
	tab, capture := measured(b, "-packets", "1200000", "-connections", "1")
	best := figures{}
	best.open(tab, capture)
	best = figures{}
	for b.Loop() {
		best.zoom(tab)
	}
	best.report(b)
}

// TestFigures takes every figure once, of a small capture: what is measured can be measured.
func TestFigures(t *testing.T) {
	tab, capture := measured(t, "-packets", "50000", "-connections", "1")
	taken := figures{}
	taken.open(tab, capture)
	taken.zoom(tab)
	for _, name := range []string{"ready-ms", "read-ms", "drop-ms", "gap-ms", "zoom-ms", "detail-ms", "points"} {
		if taken[name] <= 0 {
			t.Errorf("%s is %g", name, taken[name])
		}
	}
	tab.Quiet()
}

// open takes the figures of opening the page and dropping a capture.
func (f figures) open(tab *tab, capture string) {
	tab.Do(chromedp.Reload())
	tab.state("ready")
	f.take("ready-ms", browser.Eval[float64](tab.Tab, "window.seen.ready"))
	browser.Eval[bool](tab.Tab, `(() => { const e = document.createElement('input'); e.type = 'file'; e.id = 'measured'; document.body.append(e); return true; })()`)
	tab.Do(chromedp.SetUploadFiles(chromedp.CSS("#measured"), []string{capture}))
	f.take("read-ms", browser.Await[float64](tab.Tab, readFile))
	tab.drop(capture)
	tab.Wait("window.seen.table")
	tab.settled()
	f.take("gap-ms", browser.Eval[float64](tab.Tab, "window.seen.gap"))
	f.take("drop-ms", browser.Eval[float64](tab.Tab, "window.seen.table - window.seen.dropped"))
}

// settled waits until all is drawn: six charts of a million points, each in its turn.
func (b *tab) settled() {
	b.t.Helper()
	const long = 10 * browser.Patience
	ctx, cancel := context.WithTimeout(b.Ctx, long)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.documentElement.dataset.state === "idle" || undefined`, chromedp.WithPollingTimeout(long))); err != nil {
		b.t.Fatal(err)
	}
}

// zoom takes the figures of zooming into the chart that is shown first.
func (f figures) zoom(tab *tab) {
	tab.Wait(drawn)
	took := browser.Await[[]float64](tab.Tab, zoomed)
	f.take("zoom-ms", took[0])
	f.take("detail-ms", took[1])
	f["points"] = took[2]
}

// measured opens the page with its watch, and makes a capture.
func measured(b testing.TB, bulk ...string) (*tab, string) {
	b.Helper()
	capture := filepath.Join(b.TempDir(), "bulk.pcap")
	args := append([]string{"run", "../testdata/gen/bulk", "-snaplen", "128", "-o", capture}, bulk...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		b.Fatalf("making a capture: %v\n%s", err, out)
	}
	tab := openTab(b, "")
	tab.state("ready")
	if _, err := chromedp.Call(tab.Ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		b.Fatal(err)
	}
	return tab, capture
}

// wire is what a first visit downloads from a host that packs with brotli, in bytes.
func wire(b *testing.B) float64 {
	var packed bytes.Buffer
	pages := os.DirFS(dist)
	err := fs.WalkDir(pages, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !firstVisit(name) {
			return err
		}
		content, err := fs.ReadFile(pages, name)
		if err != nil {
			return err
		}
		w := brotli.NewWriterOptions(&packed, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
		if _, err := w.Write(content); err != nil {
			return err
		}
		return w.Close()
	})
	if err != nil {
		b.Fatal(err)
	}
	return float64(packed.Len())
}

// firstVisit says whether a file is of what is loaded before the page is ready.
func firstVisit(name string) bool {
	return !strings.HasPrefix(name, "samples/") && name != "mptcpanalyzer.html"
}
