package kernel

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gofrs/uuid/v5"
)

// Subshells (JEP 91) run cells beside the main shell and each other. What they share and what each has for itself is said
// by core.Session.Beside: captures and settings are common, the current capture, the count of cells and the history are
// not. Within one shell cells are run in their order; between shells there is no order, and none waits for another.
//
// A failed cell aborts what is queued in its own shell. An interrupt ends the cells of all shells, as the protocol wants
// it; deleting a subshell ends its own, and answers those behind it as aborted. A message that names a subshell which is
// not there is answered with an error.

// feature is how a kernel says that it has subshells.
const feature = "kernel subshells"

// mostSubshells is how many there may be at a time.
const mostSubshells = 64

var (
	errNoSubshells   = errors.New("this kernel has no subshells")
	errManySubshells = fmt.Errorf("there are %d subshells already", mostSubshells)
	errEnding        = errors.New("the kernel is ending")
)

// open starts a subshell. Only the goroutine that serves the control channel calls it.
func (k *Kernel) open() (*shell, error) {
	if k.beside == nil {
		return nil, errNoSubshells
	}
	if len(k.shells()) > mostSubshells {
		return nil, errManySubshells
	}
	id, err := uuid.NewV4()
	if err != nil {
		return nil, fmt.Errorf("making a subshell id: %w", err)
	}
	history, err := k.main.history.Beside()
	if err != nil {
		k.log("%v", err) // its cells are remembered all the same, in memory
	}
	s := newShell(k, id.String(), k.beside(), history)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return nil, errEnding
	}
	k.subshells = append(k.subshells, s)
	s.start(k.main.life)
	return s, nil
}

// named is the shell that a message is for: "" is the main one's name; nil if there is none of that name.
func (k *Kernel) named(id string) *shell {
	if id == "" || k.beside == nil { // a kernel without subshells does not look at the name
		return k.main
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if i := k.at(id); i >= 0 {
		return k.subshells[i]
	}
	return nil
}

// at is where a subshell is in the list, -1 for nowhere; the caller holds the lock.
func (k *Kernel) at(id string) int {
	return slices.IndexFunc(k.subshells, func(s *shell) bool { return s.id == id })
}

// shells are all, the main one first.
func (k *Kernel) shells() []*shell {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]*shell{k.main}, k.subshells...)
}

func unknownSubshell(id string) error { return fmt.Errorf("there is no subshell %q", id) }

func (k *Kernel) createSubshell(r *request) error {
	s, err := k.open()
	if err != nil {
		k.reply(r, "create_subshell_reply", subshellFailure(err))
		return nil
	}
	k.reply(r, "create_subshell_reply", map[string]any{"status": "ok", "subshell_id": s.id})
	return nil
}

// deleteSubshell ends a subshell: the cell that runs is interrupted, those behind it are answered as aborted.
func (k *Kernel) deleteSubshell(r *request) error {
	var c struct {
		ID string `json:"subshell_id"`
	}
	if err := r.content(&c); err != nil {
		return err
	}
	k.mu.Lock()
	i := k.at(c.ID)
	if i < 0 {
		k.mu.Unlock()
		k.reply(r, "delete_subshell_reply", subshellFailure(unknownSubshell(c.ID)))
		return nil
	}
	s := k.subshells[i]
	k.subshells = slices.Delete(k.subshells, i, i+1)
	k.mu.Unlock()
	waiting := s.cells.close()
	s.end()
	k.refuse(waiting)
	k.reply(r, "delete_subshell_reply", map[string]any{"status": "ok"})
	return nil
}

func (k *Kernel) listSubshells(r *request) error {
	ids := []string{}
	for _, s := range k.shells()[1:] {
		ids = append(ids, s.id)
	}
	k.reply(r, "list_subshell_reply", map[string]any{"status": "ok", "subshell_id": ids})
	return nil
}

// features are the optional ones of this kernel.
func (k *Kernel) features() []string {
	if k.beside == nil {
		return []string{}
	}
	return []string{feature}
}

func subshellFailure(err error) map[string]any {
	return failure{"SubshellError", err.Error(), []string{err.Error()}}.refusal()
}
