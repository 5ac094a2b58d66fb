package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/uuid/v5"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// History keeps the cells of this and earlier sessions. The zero History keeps those of this session in memory.
//
// On disk it is one JSON object a line, appended with one write each, so that kernels that run at the same time can share
// the file. A session begins with a line of its own; its number is how many sessions began up to there.
type History struct {
	mu       sync.Mutex
	path     string // "" for memory only
	id       string // of this session in the file
	earlier  []entry
	sessions int // before this one
	current  []entry
}

// entry is a cell of the history.
type entry struct {
	session, line int
	source        string
	output        *string // of this session only
}

// record is a line of the file: the start of a session when Line is 0, else a cell.
type record struct {
	ID      string `json:"id"`
	Line    int    `json:"line,omitempty"`
	Source  string `json:"source,omitempty"`
	Skipped int    `json:"skipped,omitempty"` // sessions that were left out before this start
}

// maxHistory is how large the file may grow, in bytes: past it the older half is left out at the next start.
const maxHistory = 2 << 20

// OpenHistory reads the history kept in a file and begins a session in it. The folder is made if need be. Lines that
// cannot be read are passed over. On an error the History returned still works, in memory.
func OpenHistory(path string) (*History, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &History{}, fmt.Errorf("keeping the history: %w", err)
	}
	if err := shorten(path); err != nil {
		return &History{}, fmt.Errorf("shortening the history: %w", err)
	}
	return beginHistory(path)
}

// beginHistory begins a session in a file as it is.
func beginHistory(path string) (*History, error) {
	h := &History{}
	id, err := uuid.NewV4()
	if err != nil {
		return h, fmt.Errorf("making a session id: %w", err)
	}
	h.id, h.path = id.String(), path
	if err := h.write(record{ID: h.id}); err != nil {
		h.path = ""
		return h, err
	}
	return h, h.read()
}

// Beside begins another session in the same place, for somebody who works at the same time. Nothing is left out of the file
// then: this session, which is still written, may be in its older half. On an error the History returned still works, in
// memory.
func (h *History) Beside() (*History, error) {
	h.mu.Lock()
	path := h.path
	h.mu.Unlock()
	if path == "" {
		return &History{}, nil
	}
	return beginHistory(path)
}

// read fills earlier and sessions from the file, up to the start of this session.
func (h *History) read() error {
	b, err := os.ReadFile(h.path)
	if err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	numbers := map[string]int{}
	started := 0
	for line := range bytes.Lines(b) {
		var r record
		if json.Unmarshal(line, &r) != nil || r.ID == "" {
			continue
		}
		number, known := numbers[r.ID]
		if r.Line == 0 && !known {
			started += 1 + max(0, r.Skipped)
			numbers[r.ID] = started
			if r.ID == h.id {
				h.sessions = started - 1
			}
			continue
		}
		if known && r.ID != h.id {
			h.earlier = append(h.earlier, entry{session: number, line: r.Line, source: r.Source})
		}
	}
	return nil
}

// write appends a line.
func (h *History) write(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keeping the history: %w", err)
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keeping the history: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// shorten leaves out the older half of a file that has grown too large, from the start of a session on.
func shorten(path string) error {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= maxHistory {
		return err
	}
	tail, err := newerHalf(f, info.Size()/2)
	if err != nil {
		return err
	}
	return disk.Save(path, func(w io.Writer) error {
		_, err := w.Write(tail)
		return err
	})
}

// newerHalf gives the lines from the first session that starts after offset from; it says how many went before.
func newerHalf(r io.Reader, from int64) ([]byte, error) {
	in := bufio.NewReader(r)
	skipped, at := 0, int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && len(line) == 0 {
			return nil, nil // nothing starts there: nothing is kept
		}
		at += int64(len(line))
		var rec record
		if json.Unmarshal(line, &rec) != nil || rec.ID == "" || rec.Line != 0 {
			continue
		}
		if at < from {
			skipped += 1 + max(0, rec.Skipped)
			continue
		}
		rec.Skipped += skipped
		first, err := json.Marshal(rec)
		if err != nil {
			return nil, err
		}
		rest, err := io.ReadAll(in)
		return append(append(first, '\n'), rest...), err
	}
}

// add keeps a cell. A disk that is full costs the history, not the cell.
func (h *History) add(line int, source string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = append(h.current, entry{session: h.sessions + 1, line: line, source: source})
	if h.path != "" && h.write(record{ID: h.id, Line: line, Source: source}) != nil {
		h.path = ""
	}
}

// maxOutput is the longest result that is kept beside its cell.
const maxOutput = 16 << 10

// result keeps the text of a cell's result for this session, unless it is long.
func (h *History) result(line int, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.current); text != "" && len(text) <= maxOutput && n > 0 && h.current[n-1].line == line {
		h.current[n-1].output = &text
	}
}

// all gives every entry, oldest first.
func (h *History) all() []entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(append(make([]entry, 0, len(h.earlier)+len(h.current)), h.earlier...), h.current...)
}

// session resolves a number as clients give it: 0 is this session, negative ones count back from it.
func (h *History) session(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n <= 0 {
		return h.sessions + 1 + n
	}
	return n
}
