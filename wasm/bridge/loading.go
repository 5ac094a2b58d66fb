package bridge

import (
	"fmt"
	"runtime"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Loading is a capture that the page reads by chunks: Begin, Feed as long as it answers true, then Finish or Cancel. A
// call of the bridge costs some 25 µs in WebAssembly, so chunks of about 1 MiB are right.
type Loading struct {
	loading *core.Loading
	out     *output
	name    string
	held    int64     // bytes in memory before
	said    time.Time // when progress was told last
	next    time.Time // when connections are told again
}

// Begin starts loading a capture of that name; size is its length in bytes, -1 if unknown.
func (b *Bridge) Begin(name string, size int64, emit Emit) *Loading {
	l := &Loading{loading: b.session.Begin(name, size), out: &output{bridge: b, emit: emit}, name: name}
	if b.memory > 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		l.held = int64(m.HeapAlloc)
	}
	return l
}

// Feed takes the next bytes, which the caller may reuse afterwards, and emits the progress now and then. It answers false,
// after an error event and "done", when the file cannot be read on or its packets would not fit into memory: the capture is then
// dropped.
func (l *Loading) Feed(chunk []byte) bool {
	err := l.loading.Feed(chunk)
	if err == nil {
		err = l.fits()
	}
	if err != nil {
		l.loading.Cancel()
		l.out.fail(err)
		l.done()
		return false
	}
	p, now := l.loading.Progress(), time.Now()
	if p.Done < p.Total && now.Sub(l.said) < progressPause {
		return true
	}
	l.said = now
	l.out.send(progress(p))
	if p.Done < p.Total {
		l.tell(now)
	}
	return true
}

// fits is an error once it can be foreseen that the capture will not fit.
func (l *Loading) fits() error {
	most := l.out.bridge.memory
	if most == 0 {
		return nil
	}
	needs := l.loading.Memory()
	if l.held+needs <= most {
		return nil
	}
	bytes := func(n int64) string { return display.Scaled(float64(n), display.Bytes) }
	beside := ""
	if l.held > most/10 {
		beside = fmt.Sprintf(" beside the %s of what is open", bytes(l.held))
	}
	return fmt.Errorf("the packets of %s would take about %s of memory%s, and a page has %s: close other captures, cut it "+
		"(editcap -c 10000000 FILE PART.pcapng), or read it in the terminal with mptcpanalyzer", l.name, bytes(needs), beside, bytes(most))
}

const (
	// firstConnections is how many connections are told while a capture is read.
	firstConnections = 100
	// pauseBetween is how long until they are told again.
	pauseBetween = 400 * time.Millisecond
	// restBetween is how many times as long as the telling took: it grows with the connections.
	restBetween = 30
	// progressPause is how long until progress is told again: some frames of a screen. An event takes as long as some
	// thousand packets.
	progressPause = 50 * time.Millisecond
)

// tell emits the first connections as far as they are known, now and then.
func (l *Loading) tell(now time.Time) {
	if now.Before(l.next) {
		return
	}
	list, total := l.loading.Connections(firstConnections)
	if list == nil {
		return
	}
	t := &shownTable{Table: list}
	e := partialEvent{Event: "partial", Columns: columns(list), Span: t.span(), rowsPart: t.part(View{Count: firstConnections}, nil)}
	e.Total, e.Open = total, nil
	l.out.send(e)
	told := time.Now()
	l.next = told.Add(max(pauseBetween, restBetween*told.Sub(now)))
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
