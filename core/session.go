package core

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Session is one user's work: the captures loaded and the settings. Run is called by one goroutine at a time; Complete,
// Inspect and Check may be called meanwhile, and so may the Run of a session Beside it.
type Session struct {
	options  Options
	commands []*Command
	settings *Settings
	*holdings
	beside *Session // whose current capture is ours until we choose one; nil for the first session

	// Guarded by holdings.mu.
	used  int      // number of the current capture; 0 while none was chosen here
	lines []string // the commands that were run
}

// holdings are what sessions beside each other share.
type holdings struct {
	mu      sync.Mutex // guards what follows
	loaded  []*Loaded  // in the order of their numbers
	numbers int        // given out so far
	pair    pairing    // the captures paired last
}

// Loaded is a capture that the session holds. It never changes: loading a file anew makes another one, under the same
// name and number.
type Loaded struct {
	Name   string   // unique in the session: what was given with --as, or the last part of the file's name
	Number int      // from 1, in the order of loading
	Path   string   // as the user gave it; those of parts are joined by NUL
	Files  []string // the files as the user named them: one, or the parts of a merged capture
	Trace  *trace.Trace
	Table  bool // it was read from a table of packets: there are no bytes
}

// New starts a session.
func New(o Options) *Session {
	s := &Session{options: o, commands: withExtras(Commands(), o.Commands), settings: o.Settings, holdings: &holdings{}}
	if s.settings == nil {
		s.settings = NewSettings()
	}
	return s
}

// Beside starts a session for work at the same time. Captures and settings are those of this one, whoever loads or changes
// them; the list of commands run is its own. It answers from the current capture of this session until it loads or uses
// one itself, which then is current for it alone. A command answers from the capture that was current when it began, and
// captures never change, so that none waits for another.
func (s *Session) Beside() *Session {
	return &Session{options: s.options, commands: s.commands, settings: s.settings, holdings: s.holdings, beside: s}
}

// Commands are the words of the language, in the order of the help.
func (s *Session) Commands() []*Command { return s.commands }

// Current is the name of the current capture, or "".
func (s *Session) Current() string {
	if l := s.current(); l != nil {
		return l.Name
	}
	return ""
}

// Captures are those that the session holds, in the order of their numbers.
func (s *Session) Captures() []*Loaded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Loaded(nil), s.loaded...)
}

// Capture finds a capture of the session by its name, its number, or the file that it was read from; nil if there is none.
func (s *Session) Capture(name string) *Loaded {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.named(name); l != nil {
		return l
	}
	if l := s.from(name); l != nil {
		return l
	}
	for _, l := range s.loaded {
		if strconv.Itoa(l.Number) == name {
			return l
		}
	}
	return nil
}

func (s *Session) current() *Loaded {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := 0
	for at := s; at != nil && used == 0; at = at.beside {
		used = at.used
	}
	for _, l := range s.loaded {
		if l.Number == used {
			return l
		}
	}
	return nil
}

// use makes a capture the current one.
func (s *Session) use(l *Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = l.Number
}

// named finds by name, from by path; the caller holds the lock.
func (s *Session) named(name string) *Loaded {
	for _, l := range s.loaded {
		if l.Name == name {
			return l
		}
	}
	return nil
}

func (s *Session) from(path string) *Loaded {
	for _, l := range s.loaded {
		if l.Path == path {
			return l
		}
	}
	return nil
}

// keep adds a capture and makes it the current one.
func (s *Session) keep(l *Loaded, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(l, name)
	s.used = l.Number
}

// keepBeside is keep for a capture that a command reads on its way: the current one stays.
func (s *Session) keepBeside(l *Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(l, "")
}

// add puts a capture in the place of that with the same name, if the user gave the name, or else of that from the same
// file; there is none: at the end. The caller holds the lock.
func (s *Session) add(l *Loaded, name string) {
	var before *Loaded
	if name != "" {
		before = s.named(name)
	} else if before = s.from(l.Path); before != nil {
		name = before.Name
	}
	if l.Name = name; name == "" {
		l.Name = s.freeName(shortName(l.Files))
	}
	for i := range s.loaded {
		if s.loaded[i] == before {
			l.Number, s.loaded[i] = before.Number, l
			return
		}
	}
	s.numbers++
	l.Number, s.loaded = s.numbers, append(s.loaded, l)
}

// freeName makes a name that no capture has: files of the same name in several folders are told apart by a number.
func (s *Session) freeName(name string) string {
	free := name
	for i := 2; s.named(free) != nil; i++ {
		free = fmt.Sprintf("%s~%d", name, i)
	}
	return free
}

// shortName is what a capture is called after its files.
func shortName(files []string) string {
	name := baseName(files[0])
	if len(files) > 1 {
		name += fmt.Sprintf(" and %d more", len(files)-1)
	}
	return name
}

// pathOf is the path of a capture made of files.
func pathOf(files []string) string { return strings.Join(files, "\x00") }
