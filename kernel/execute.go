package kernel

import (
	"encoding/json"
	"strings"
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
	s := r.shell
	var e executeRequest
	if err := json.Unmarshal(r.Content, &e); err != nil {
		f := failure{"ProtocolError", "the execute_request cannot be read", []string{"the execute_request cannot be read"}}
		k.reply(r, "execute_reply", f.reply(s.count))
		return nil
	}
	if e.counted() {
		s.count++
		s.history.add(s.count, e.Code)
	}
	if !e.Silent {
		k.publish(r.RawHeader, "execute_input", map[string]any{"code": e.Code, "execution_count": s.count})
	}
	out := k.newCell(r, &e)
	err := s.run(out, e.Code)
	out.finish(err)
	if err == nil {
		if e.counted() {
			s.history.result(s.count, out.result)
		}
		k.reply(r, "execute_reply", map[string]any{
			"status": "ok", "execution_count": s.count, "payload": out.payload, "user_expressions": k.expressions(r, &e),
		})
		return nil
	}
	f := failureOf(err, e.Code)
	if !e.Silent {
		k.publish(r.RawHeader, "error", f.content())
	}
	if !e.Silent && yes(e.StopOnError) {
		s.aborted = s.abort()
	}
	k.reply(r, "execute_reply", f.reply(s.count))
	return nil
}

// expressions evaluates the user's expressions: each is a line whose answer is given back instead of being shown.
func (k *Kernel) expressions(r *request, e *executeRequest) map[string]any {
	answers := map[string]any{}
	for name, code := range e.Expressions {
		out := &cell{kernel: k, shell: r.shell, request: r, quiet: true}
		err := r.shell.run(out, code)
		out.finish(err)
		if err != nil {
			answers[name] = failureOf(err, code).refusal()
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
