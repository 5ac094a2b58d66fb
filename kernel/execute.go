package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// executeRequest is the content of an execute_request with the defaults of the protocol.
type executeRequest struct {
	Code         string            `json:"code"`
	Silent       bool              `json:"silent"`
	StoreHistory *bool             `json:"store_history"`
	Expressions  map[string]string `json:"user_expressions"`
	AllowStdin   *bool             `json:"allow_stdin"`
	StopOnError  *bool             `json:"stop_on_error"`
}

// counted says whether the cell gets a number and a place in the history. An empty one does not.
func (e *executeRequest) counted() bool {
	return !e.Silent && (e.StoreHistory == nil || *e.StoreHistory) && strings.TrimSpace(e.Code) != ""
}

func yes(b *bool) bool { return b == nil || *b }

// execute runs a cell and answers.
func (k *Kernel) execute(r *request) error {
	var e executeRequest
	if err := json.Unmarshal(r.Content, &e); err != nil {
		f := failure{"ProtocolError", "the execute_request cannot be read", []string{"the execute_request cannot be read"}}
		k.reply(r, "execute_reply", f.reply(k.count))
		return nil
	}
	if e.counted() {
		k.count++
		k.history.add(k.count, e.Code)
	}
	if !e.Silent {
		k.publish(r.RawHeader, "execute_input", map[string]any{"code": e.Code, "execution_count": k.count})
	}
	out := k.newCell(r, &e)
	err := k.run(out, e.Code)
	out.finish(err)
	if err == nil {
		if e.counted() {
			k.history.result(k.count, out.result)
		}
		k.reply(r, "execute_reply", map[string]any{
			"status": "ok", "execution_count": k.count, "payload": out.payload, "user_expressions": k.expressions(r, &e),
		})
		return nil
	}
	f := failureOf(err, e.Code)
	if !e.Silent {
		k.publish(r.RawHeader, "error", f.content())
	}
	if !e.Silent && yes(e.StopOnError) {
		k.aborted = k.abort()
	}
	k.reply(r, "execute_reply", f.reply(k.count))
	return nil
}

// run gives code to the session, in a context that Interrupt ends. A panic is a bug of ours, and the cell's error.
func (k *Kernel) run(out *cell, code string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			k.log("running a cell: %v\n%s", p, debug.Stack())
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	ctx, cancel := context.WithCancel(k.life)
	defer cancel()
	k.setCancel(cancel)
	defer k.setCancel(nil)
	out.ctx = ctx
	return k.session.Run(ctx, code, out)
}

func (k *Kernel) setCancel(cancel context.CancelFunc) {
	k.mu.Lock()
	k.cancel = cancel
	k.mu.Unlock()
}

// expressions evaluates the user's expressions: each is a line whose answer is given back instead of being shown.
func (k *Kernel) expressions(r *request, e *executeRequest) map[string]any {
	answers := map[string]any{}
	for name, code := range e.Expressions {
		out := &cell{kernel: k, request: r, quiet: true}
		err := k.run(out, code)
		out.finish(err)
		if err != nil {
			answer := failureOf(err, code).content()
			answer["status"] = "error"
			answers[name] = answer
			continue
		}
		data := out.last
		if data == nil {
			data = plainBundle("")
		}
		answers[name] = map[string]any{"status": "ok", "data": data.Data, "metadata": data.meta()}
	}
	return answers
}

// Requests that were sent together with a failed one may still be under way when it fails. As none of them can have been
// sent in answer to its reply, that is held back until no more have come for a moment.
const (
	moment  = 50 * time.Millisecond
	moments = 20 // at most
)

// abort takes the cells that were queued behind a failed one.
func (k *Kernel) abort() []*request {
	for seen, i := k.cells.count(), 0; i < moments; i++ {
		select {
		case <-k.life.Done():
		case <-time.After(moment):
		}
		now := k.cells.count()
		if now == seen {
			break
		}
		seen = now
	}
	return k.cells.drain()
}

// refuse answers cells that are not run, once the one that failed is idle.
func (k *Kernel) refuse() {
	aborted := k.aborted
	k.aborted = nil
	for _, r := range aborted {
		k.busy(r)
		k.reply(r, "execute_reply", map[string]any{"status": "aborted"})
		k.idle(r)
	}
}
