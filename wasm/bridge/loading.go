package bridge

import "github.com/mptcpanalyzer/mptcpanalyzer/core"

// Loading is a capture that the page reads by chunks: Begin, Feed as long as it answers true, then Finish or Cancel. A
// call of the bridge costs some 25 µs in WebAssembly, so chunks of about 1 MiB are right.
type Loading struct {
	loading *core.Loading
	out     *output
}

// Begin starts loading a capture of that name; size is its length in bytes, -1 if unknown.
func (b *Bridge) Begin(name string, size int64, emit Emit) *Loading {
	return &Loading{loading: b.session.Begin(name, size), out: &output{bridge: b, emit: emit}}
}

// Feed takes the next bytes, which the caller may reuse afterwards, and emits the progress. It answers false, after an
// error event and "done", when the file cannot be read on: the capture is then dropped.
func (l *Loading) Feed(chunk []byte) bool {
	if err := l.loading.Feed(chunk); err != nil {
		l.loading.Cancel()
		l.out.fail(err)
		l.done()
		return false
	}
	l.out.send(progress(l.loading.Progress()))
	return true
}

// Finish makes what was read the current capture and emits what it holds, or an error, and then "done".
func (l *Loading) Finish() {
	if err := l.loading.Finish(l.out); err != nil {
		l.out.fail(err)
	}
	l.done()
}

// Cancel drops what was read.
func (l *Loading) Cancel() { l.loading.Cancel() }

func (l *Loading) done() {
	l.out.send(doneEvent{Event: "done", Capture: l.out.bridge.session.Current()})
}
