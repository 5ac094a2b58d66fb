//go:build js && wasm

// Command wasm is mptcpanalyzer in a browser: it carries requests, chunks of files and events between the Web Worker in
// web/worker.js and package bridge. It knows no command and draws nothing.
//
// The worker sets globalThis.mptcpHost before it starts this program:
//
//	ready(calls)            the program runs; calls are the functions below
//	emit(id, text, bytes)   an event of call id, and the bytes of a file or null
//	open(name)              promise of {size, read(), close()}, or of null when no such file is known;
//	                        read() is a promise of a Uint8Array, or of null at the end
//	names(prefix)           names of files that begin with prefix
//
// and is given do(id, request), cancel(id), begin(id, name, size), feed(id, chunk), finish(id) and drop(id). All return
// at once, but for feed and finish, which work first.
package main

import (
	"context"
	"runtime/debug"
	"sync"
	"syscall/js"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/bridge"
)

// WebAssembly has 4 GiB of memory, and what was taken once is not given back. The collector works harder above the soft
// limit; captures leave room below it for what commands need.
const (
	softLimit       = 3600 << 20
	roomForCaptures = 3000 << 20
)

func main() {
	debug.SetMemoryLimit(softLimit)
	host := js.Global().Get("mptcpHost")
	p := &page{host: host, cancels: map[int]context.CancelFunc{}, loadings: map[int]*bridge.Loading{}}
	p.bridge = bridge.New(bridge.Options{
		Options: core.Options{Open: p.open, Paths: p.names, Instead: core.Instead{
			Open:     "drop the capture on the page, or choose it with Open",
			Redirect: "the buttons CSV and JSON above a table save it, PNG and SVG above a chart",
		}},
		// The worker's one thread takes messages only while every goroutine sleeps.
		Breathe: func() { time.Sleep(time.Millisecond) },
		Memory:  roomForCaptures,
	})
	host.Call("ready", map[string]any{
		"do":     p.function(p.do),
		"cancel": p.function(p.cancel),
		"begin":  p.function(p.begin),
		"feed":   p.function(p.feed),
		"finish": p.function(p.finish),
		"drop":   p.function(p.drop),
	})
	select {}
}

// page is the worker's side of one bridge.
type page struct {
	host   js.Value
	bridge *bridge.Bridge
	chunk  []byte // reused by feed

	mu       sync.Mutex // guards cancels
	cancels  map[int]context.CancelFunc
	loadings map[int]*bridge.Loading
}

// function makes a JavaScript function of f; the id of the call is its first argument. They live as long as the program.
func (p *page) function(f func(id int, args []js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args[0].Int(), args[1:]) })
}

// emitter sends the events of one call to the page.
func (p *page) emitter(id int) bridge.Emit {
	return func(event, data []byte) {
		bytes := js.Null()
		if data != nil {
			bytes = js.Global().Get("Uint8Array").New(len(data))
			js.CopyBytesToJS(bytes, data)
		}
		p.host.Call("emit", id, string(event), bytes)
	}
}

// do answers a request in a goroutine of its own: a JavaScript callback must not wait.
func (p *page) do(id int, args []js.Value) any {
	request := []byte(args[0].String())
	ctx, cancel := context.WithCancel(context.Background())
	p.mu.Lock()
	p.cancels[id] = cancel
	p.mu.Unlock()
	go func() {
		p.bridge.Do(ctx, request, p.emitter(id))
		p.cancel(id, nil)
	}()
	return nil
}

func (p *page) cancel(id int, _ []js.Value) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cancel := p.cancels[id]; cancel != nil {
		cancel()
		delete(p.cancels, id)
	}
	return nil
}

func (p *page) begin(id int, args []js.Value) any {
	p.loadings[id] = p.bridge.Begin(args[0].String(), int64(args[1].Float()), p.emitter(id))
	return nil
}

// feed answers false when the file cannot be read on.
func (p *page) feed(id int, args []js.Value) any {
	if n := args[0].Get("length").Int(); n > len(p.chunk) {
		p.chunk = make([]byte, n)
	}
	n := js.CopyBytesToGo(p.chunk, args[0])
	ok := p.loadings[id].Feed(p.chunk[:n])
	if !ok {
		delete(p.loadings, id)
	}
	return ok
}

func (p *page) finish(id int, _ []js.Value) any {
	p.loadings[id].Finish()
	delete(p.loadings, id)
	return nil
}

func (p *page) drop(id int, _ []js.Value) any {
	if l := p.loadings[id]; l != nil {
		l.Cancel()
		delete(p.loadings, id)
	}
	return nil
}
