package kernel

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// question waits for what a person answers.
type question struct {
	peer   Peer
	id     string // of the input_request
	cell   *cell
	answer chan string // holds one
}

// answered takes an input_reply to the question that it belongs to: the one that its parent header names or, as many
// clients leave that empty, the one of the shell that its own header names. Nobody may wait for it any more: then it is
// dropped.
func (k *Kernel) answered(r *request) {
	var c struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(r.Content, &c); err != nil {
		k.log("dropping an input_reply: its content cannot be read")
		return
	}
	var parent message.Header
	_ = json.Unmarshal(r.Parent, &parent) // one that cannot be read names nothing
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.asked, func(q *question) bool {
		if q.peer != r.peer {
			return false
		}
		if parent.ID != "" {
			return parent.ID == q.id || parent.ID == q.cell.request.Header.ID
		}
		return r.Header.Subshell == q.cell.shell.id
	})
	if i < 0 {
		k.log("dropping an input_reply that nobody asked for")
		return
	}
	k.asked[i].answer <- c.Value
	k.asked = slices.Delete(k.asked, i, i+1)
}

// ask sends a question to the stdin channel of the client that sent the cell, and waits for its answer.
func (k *Kernel) ask(ctx context.Context, c *cell, prompt string) (string, error) {
	if !c.asks {
		return "", core.ErrNoInput
	}
	peer := k.transport.Stdin(c.request.peer.Identity())
	if peer == nil {
		return "", core.ErrNoInput
	}
	frames, id, err := k.codec.EncodeID(message.Outgoing{
		Type: "input_request", Parent: c.request.RawHeader, Content: map[string]any{"prompt": prompt, "password": false},
	})
	if err != nil {
		return "", err
	}
	q := &question{peer: peer, id: id, cell: c, answer: make(chan string, 1)}
	k.mu.Lock()
	k.asked = append(k.asked, q)
	k.mu.Unlock()
	defer k.giveUp(q)
	if err := peer.Send(frames); err != nil {
		return "", core.ErrNoInput
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case value := <-q.answer:
		return value, nil
	}
}

// giveUp forgets a question, if it was not answered.
func (k *Kernel) giveUp(q *question) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = slices.DeleteFunc(k.asked, func(other *question) bool { return other == q })
}
