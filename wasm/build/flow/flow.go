// Package flow makes the functions of a WebAssembly module faster that Go compiled: it gives them direct jumps, and whole
// reads of numbers.
//
// A function of Go can be left in the midst of any call, when its goroutine waits, and entered there again. Go therefore
// compiles every function to a loop around a table of all its basic blocks, and every jump to a turn of that loop: what
// comes next is looked up. Straighten makes forward jumps branches to the end of a block of WebAssembly, backward ones
// branches to the head of a loop, and leaves in the table only where the function can indeed be entered: at its begin, and
// behind each call. A number that is read byte by byte, the highest first, is read as one; and pieces of memory are compared
// by eight bytes. What a function computes stays the same, as do its return addresses.
//
//	straight, err := flow.Straighten(module, "example.com/mine/", "example.com/mine/inner/")
//
// The module must have its names (no -ldflags=-s), which are then left out. Functions that do not look as Go makes them stay
// as they are, an instruction that Go does not write leaves its function alone, and bytes that are no module are refused.
package flow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Ids of sections, and of the part of the custom section "name" that has the functions' (WebAssembly core 5.5).
const (
	customSection   = 0
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	codeSection     = 10
	functionNames   = 1
)

var errCut = errors.New("the module is cut")

// module is what must be known of a module as a whole.
type module struct {
	imported int      // functions; they are numbered first
	names    []string // of the functions of the code, in their order
	params   []int    // that functions of a type have
	hints    []hints  // of those
	types    []int    // of the functions of the code
	prefix   string   // of the functions whose tables are cut down
	often    string   // and of those that get hints
}

// section is a part of a module.
type section struct {
	id   byte
	body []byte
}

// Straighten gives the functions of a module direct jumps. Where the name of a function begins with prefix, its table and its
// loops are made anew, too: not so in what the runtime enters by itself. Where it begins with often, which is a longer prefix,
// hints say which of its branches are hardly ever taken. The names are left out of the result.
func Straighten(wasm []byte, prefix, often string) ([]byte, error) {
	if !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, errors.New("this is no WebAssembly module")
	}
	sections, err := split(wasm[8:])
	if err != nil {
		return nil, err
	}
	m := module{prefix: strings.Map(inName, prefix), often: strings.Map(inName, often)}
	for _, s := range sections {
		if err := m.learn(s); err != nil {
			return nil, err
		}
	}
	if m.names == nil {
		return nil, errors.New("the module has no names")
	}
	out := bytes.Clone(wasm[:8])
	for _, s := range sections {
		switch {
		case s.id == customSection && s.name() == "name":
			continue
		case s.id == codeSection:
			if s.body, err = m.code(s.body); err != nil {
				return nil, err
			}
			out = appendHints(out, m.hints)
		}
		out = append(out, s.id)
		out = appendSized(out, s.body)
	}
	return out, nil
}

// split gives the sections of a module.
func split(b []byte) ([]section, error) {
	var list []section
	r := reader{rest: b}
	for len(r.rest) > 0 && !r.cut {
		list = append(list, section{id: r.byte(), body: r.sized()})
	}
	if r.cut {
		return nil, errCut
	}
	return list, nil
}

// name is what a custom section is called.
func (s section) name() string {
	r := reader{rest: s.body}
	return string(r.sized())
}

// learn takes what a section tells of functions.
func (m *module) learn(s section) error {
	r := reader{rest: s.body}
	switch {
	case s.id == typeSection:
		m.learnTypes(&r)
	case s.id == functionSection:
		for n := r.uint(); n > 0 && !r.cut; n-- {
			m.types = append(m.types, int(r.uint()))
		}
	case s.id == importSection:
		for n := r.uint(); n > 0 && !r.cut; n-- {
			r.sized()
			r.sized()
			if r.byte() != 0 {
				return errors.New("the module imports other things than functions")
			}
			r.uint()
			m.imported++
		}
	case s.id == customSection && s.name() == "name":
		r.sized()
		m.learnNames(&r)
	}
	if r.cut {
		return errCut
	}
	return nil
}

// learnTypes reads the types of functions: what they take and give, each one byte.
func (m *module) learnTypes(r *reader) {
	for n := r.uint(); n > 0 && !r.cut; n-- {
		r.byte() // says that it is one of a function
		m.params = append(m.params, len(r.sized()))
		r.sized()
	}
}

// taken is how many parameters the i-th function of the code has, -1 if that is not known.
func (m *module) taken(i int) int {
	if i >= len(m.types) || m.types[i] >= len(m.params) {
		return -1
	}
	return m.params[m.types[i]]
}

// learnNames reads the names of functions.
func (m *module) learnNames(r *reader) {
	for len(r.rest) > 0 && !r.cut {
		kind, part := r.byte(), reader{rest: r.sized()}
		if kind != functionNames {
			continue
		}
		for n := part.uint(); n > 0 && !part.cut; n-- {
			index, name := int(part.uint()), string(part.sized())
			if index != m.imported+len(m.names) {
				return // Go names all of the code, in their order
			}
			m.names = append(m.names, name)
		}
	}
}

// called is the name of a function.
func (m *module) called(index int) string {
	if index -= m.imported; index < 0 || index >= len(m.names) {
		return "" // of the host
	}
	return m.names[index]
}

// inName is how Go writes a character of a function's name.
func inName(r rune) rune {
	if r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return r
	}
	return '_'
}

// code makes the section of code anew.
func (m *module) code(b []byte) ([]byte, error) {
	r := reader{rest: b}
	count := int(r.uint())
	out := binary.AppendUvarint(make([]byte, 0, len(b)), uint64(count))
	for i := range count {
		body := r.sized()
		if r.cut {
			return nil, fmt.Errorf("function %d: %w", i, errCut)
		}
		out = appendSized(out, m.function(i, body))
	}
	return out, nil
}

// function is the body of the i-th function of the code, straightened where that can be done.
func (m *module) function(i int, body []byte) []byte {
	if m.called(m.imported+i) == compareBytes {
		return byEights(body)
	}
	f := parse(body)
	if f == nil {
		return body
	}
	f.ours = strings.HasPrefix(m.called(m.imported+i), m.prefix)
	f.find(m, firstFunction+int64(i))
	f.grows = f.growth(m)
	if f.params = m.taken(i); f.params >= 0 {
		f.reads = f.findReads(body)
	}
	e := f.emit(body)
	if f.ours && len(e.unlikely) > 0 && strings.HasPrefix(m.called(m.imported+i), m.often) {
		m.hints = append(m.hints, hints{function: m.imported + i, at: e.unlikely})
	}
	return e.out
}

// appendSized appends bytes behind their length.
func appendSized(out, b []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(b))), b...)
}
