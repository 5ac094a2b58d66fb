package core

import (
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Session is one user's work: the captures loaded and the settings. Run is called by one goroutine at a time; Complete,
// Inspect and Check may be called meanwhile.
type Session struct {
	options  Options
	commands []*Command

	mu     sync.Mutex // guards loaded
	loaded []*Loaded  // the current one last
}

// Loaded is a capture that the session holds.
type Loaded struct {
	Name  string // as shown: the last part of Path
	Path  string // as the user gave it
	Trace *trace.Trace
}

// New starts a session.
func New(o Options) *Session { return &Session{options: o, commands: Commands()} }

// Commands are the words of the language, in the order of the help.
func (s *Session) Commands() []*Command { return s.commands }

// Current is the name of the current capture, or "".
func (s *Session) Current() string {
	if l := s.current(); l != nil {
		return l.Name
	}
	return ""
}

func (s *Session) current() *Loaded {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.loaded) == 0 {
		return nil
	}
	return s.loaded[len(s.loaded)-1]
}

// keep makes a capture the current one, in place of one of the same path.
func (s *Session) keep(l *Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	others := s.loaded[:0:0]
	for _, o := range s.loaded {
		if o.Path != l.Path {
			others = append(others, o)
		}
	}
	s.loaded = append(others, l)
}
