//go:build js && wasm

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall/js"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// open opens a file that the page knows by that name: one that was dropped, or a sample. It waits, so that it must not
// be called from a JavaScript callback.
func (p *page) open(name string) (core.Source, error) {
	file, err := await(p.host.Call("open", name))
	if err != nil {
		return core.Source{}, err
	}
	if file.IsNull() {
		return core.Source{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return core.Source{ReadCloser: &pulled{file: file}, Size: int64(file.Get("size").Float())}, nil
}

// names lists the files that the page knows.
func (p *page) names(prefix string) []string {
	list := p.host.Call("names", prefix)
	names := make([]string, list.Length())
	for i := range names {
		names[i] = list.Index(i).String()
	}
	return names
}

// pulled reads a file of the page chunk by chunk.
type pulled struct {
	file js.Value
	rest []byte // of the chunk read last
	last []byte // its memory, used again
	at   int64
}

// Read gives what is left of the last chunk, or waits for the next one.
func (f *pulled) Read(b []byte) (int, error) {
	if len(f.rest) == 0 {
		chunk, err := await(f.file.Call("read"))
		if err != nil {
			return 0, fmt.Errorf("at byte %d: %w", f.at, err)
		}
		if chunk.IsNull() {
			return 0, io.EOF
		}
		n := chunk.Get("length").Int()
		if n > len(f.last) {
			f.last = make([]byte, n)
		}
		f.rest = f.last[:js.CopyBytesToGo(f.last[:n], chunk)]
	}
	n := copy(b, f.rest)
	f.rest, f.at = f.rest[n:], f.at+int64(n)
	return n, nil
}

// Close lets the page release the file.
func (f *pulled) Close() error {
	f.file.Call("close")
	return nil
}

// await waits for a promise, while the worker's other events go on.
func await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	fulfilled := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{value: args[0]}
		return nil
	})
	rejected := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{err: errors.New(reason(args[0]))}
		return nil
	})
	defer fulfilled.Release()
	defer rejected.Release()
	promise.Call("then", fulfilled, rejected)
	o := <-done
	return o.value, o.err
}

// reason is the message of a rejected promise.
func reason(v js.Value) string {
	if v.Type() == js.TypeObject {
		if message := v.Get("message"); message.Type() == js.TypeString {
			return message.String()
		}
	}
	return v.String()
}
