package message

import "sync"

// remembered is how many signatures are kept to recognise copies, the figure of jupyter_client.
const remembered = 1 << 16

// seen remembers the last signatures that were accepted. Two generations of half the size each make forgetting cheap.
type seen struct {
	mu       sync.Mutex
	new, old map[string]struct{}
}

// add notes a signature; false if it was noted before.
func (s *seen) add(signature string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has(signature) {
		return false
	}
	if s.new == nil || len(s.new) >= remembered/2 {
		s.old, s.new = s.new, make(map[string]struct{})
	}
	s.new[signature] = struct{}{}
	return true
}

func (s *seen) has(signature string) bool {
	if _, ok := s.new[signature]; ok {
		return true
	}
	_, ok := s.old[signature]
	return ok
}
