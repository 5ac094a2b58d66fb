package kernel

import (
	"context"
	"encoding/json"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// input is what a person answered.
type input struct {
	peer  Peer
	value string
}

// answered takes an input_reply. Nobody may wait for it any more: then the oldest is dropped.
func (k *Kernel) answered(r *request) {
	var c struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(r.Content, &c); err != nil {
		k.log("dropping an input_reply: its content cannot be read")
		return
	}
	select {
	case k.replies <- input{r.peer, c.Value}:
	default:
		k.log("dropping an input_reply that nobody asked for")
	}
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
	k.forgetAnswers()
	frames, err := k.codec.Encode(message.Outgoing{
		Type: "input_request", Parent: c.request.RawHeader, Content: map[string]any{"prompt": prompt, "password": false},
	})
	if err != nil {
		return "", err
	}
	if err := peer.Send(frames); err != nil {
		return "", core.ErrNoInput
	}
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case in := <-k.replies:
			if in.peer == peer {
				return in.value, nil
			}
		}
	}
}

// forgetAnswers drops answers to questions that were given up.
func (k *Kernel) forgetAnswers() {
	for {
		select {
		case <-k.replies:
		default:
			return
		}
	}
}
