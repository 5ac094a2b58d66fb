package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// Session is what the kernel asks of a core.Session: Run from one goroutine, the others from another.
type Session interface {
	Run(ctx context.Context, cell string, out core.Output) error
	Complete(text string, cursor int) core.Completion
	Inspect(text string, cursor int) (display.Page, bool)
	Check(text string) core.Status
}

// Options of a kernel. Transport, Codec, Session and Renderer are needed.
type Options struct {
	Transport Transport
	Codec     *message.Codec
	Session   Session
	Renderer  Renderer
	// Beside makes a session beside Session, for a subshell; nil: this kernel has none.
	Beside func() Session
	// Save writes a file of an answer by its name; nil says that files cannot be saved here.
	Save func(f *display.File) error
	// History keeps cells; nil keeps those of this process in memory.
	History *History
	// Log takes a line about a client that misbehaved; nil drops it.
	Log *log.Logger
}

// Kernel serves one session to any number of clients.
type Kernel struct {
	transport Transport
	codec     *message.Codec
	renderer  Renderer
	save      func(f *display.File) error
	beside    func() Session
	logger    *log.Logger

	main               *shell
	questions, control *requests
	workers            sync.WaitGroup
	stopping           chan struct{}
	stop               sync.Once
	displays           atomic.Int64 // places that are updated

	mu        sync.Mutex  // guards what follows
	subshells []*shell    // in the order of their creation
	ended     bool        // no more are made
	asked     []*question // what cells have asked people

	status  sync.Mutex // one status message after the other
	running []*request // cells that run, guarded by status
}

// New makes a kernel.
func New(o Options) *Kernel {
	k := &Kernel{
		transport: o.Transport, codec: o.Codec, renderer: o.Renderer, save: o.Save, beside: o.Beside, logger: o.Log,
		questions: newRequests(), control: newRequests(), stopping: make(chan struct{}),
	}
	history := o.History
	if history == nil {
		history = &History{}
	}
	k.main = newShell(k, "", o.Session, history)
	return k
}

// Times that a client might notice.
const (
	farewell = 2 * time.Second // what is queued at the end is sent within this
	patience = time.Second     // a cell that runs at the end may finish its messages within this
)

// Serve answers clients until the kernel is stopped or ctx ends, then sends what is queued and closes the transport.
func (k *Kernel) Serve(ctx context.Context) error {
	life, end := context.WithCancel(ctx)
	defer end()
	if err := k.transport.Start(k); err != nil {
		return err
	}
	k.publishStatus(nil, "starting")
	k.main.start(life)
	for _, q := range []*requests{k.questions, k.control} {
		k.workers.Go(func() { k.work(q) })
	}
	select {
	case <-ctx.Done():
	case <-k.stopping:
	}
	k.closeQueues()
	end()
	idle := make(chan struct{})
	go func() { k.workers.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(patience):
		k.log("a cell does not end: leaving it")
	}
	return k.transport.Close(farewell)
}

// closeQueues lets everybody end who serves.
func (k *Kernel) closeQueues() {
	k.mu.Lock()
	k.ended = true
	k.mu.Unlock()
	for _, s := range k.shells() {
		s.cells.close()
	}
	k.questions.close()
	k.control.close()
}

// Stop ends Serve.
func (k *Kernel) Stop() { k.stop.Do(func() { close(k.stopping) }) }

// Interrupt ends the cells that run, if any, in all shells. The sessions keep what they have.
func (k *Kernel) Interrupt() {
	for _, s := range k.shells() {
		s.interrupt()
	}
}

func (k *Kernel) log(format string, args ...any) {
	if k.logger != nil {
		k.logger.Printf(format, args...)
	}
}

// Receive checks a message and gives it to the one who serves its kind.
func (k *Kernel) Receive(c Channel, p Peer, frames [][]byte) {
	m, err := k.codec.Decode(frames)
	if err != nil {
		k.log("dropping a message: %v", err)
		return
	}
	r := &request{Message: m, peer: p, shell: k.main}
	if c == Shell {
		r.shell = k.named(m.Header.Subshell)
	}
	switch {
	case m.Header.Type == "input_reply":
		k.answered(r)
	case c == Stdin:
		k.log("dropping a %q on stdin", m.Header.Type)
	case m.Header.Type == "execute_request" && r.shell != nil && r.shell.cells.add(r):
	case m.Header.Type == "execute_request":
		r.shell = nil // it was there a moment ago
		k.questions.add(r)
	case c == Control || forControl(m.Header.Type):
		k.control.add(r)
	default:
		k.questions.add(r)
	}
}

// forControl says that a request is one about the kernel itself, whichever channel it came by.
func forControl(kind string) bool {
	switch kind {
	case "interrupt_request", "shutdown_request", "create_subshell_request", "delete_subshell_request", "list_subshell_request":
		return true
	}
	return false
}

// Subscribed greets a client that has begun to listen, so that it knows when it can rely on publications (JEP 65).
func (k *Kernel) Subscribed(p Peer, topic string) {
	frames, err := k.codec.Encode(message.Outgoing{
		Prefix: [][]byte{[]byte(topic)}, Type: "iopub_welcome", Content: map[string]any{"subscription": topic},
	})
	if err != nil {
		k.log("%v", err)
		return
	}
	_ = p.Send(frames) // it has gone if this fails
}

// work serves a queue to its end.
func (k *Kernel) work(q *requests) {
	for r := q.next(); r != nil; r = q.next() {
		k.serve(r)
	}
}

// serve answers one request between busy and idle, whatever it is.
func (k *Kernel) serve(r *request) {
	k.busy(r)
	defer k.idle(r)
	defer func() {
		if p := recover(); p != nil {
			k.log("serving %s: %v\n%s", r.Header.Type, p, debug.Stack())
			if reply, ok := replyTo(r.Header.Type); ok {
				k.reply(r, reply, failure{"InternalError", fmt.Sprint(p), []string{fmt.Sprint(p)}}.refusal())
			}
		}
	}()
	if r.shell == nil {
		if reply, ok := replyTo(r.Header.Type); ok {
			k.reply(r, reply, subshellFailure(unknownSubshell(r.Header.Subshell)))
		}
		return
	}
	handle, ok := k.handlers()[r.Header.Type]
	if !ok {
		k.log("no answer to a request of type %q", r.Header.Type)
		return
	}
	if err := handle(r); err != nil {
		k.log("serving %s: %v", r.Header.Type, err)
	}
}

// handlers says who answers what. An error is one of the request, which is then left unanswered.
func (k *Kernel) handlers() map[string]func(*request) error {
	return map[string]func(*request) error{
		"execute_request":     k.execute,
		"kernel_info_request": k.kernelInfo,
		"complete_request":    k.complete,
		"inspect_request":     k.inspect,
		"is_complete_request": k.isComplete,
		"history_request":     k.historyRequest,
		"comm_info_request":   k.commInfo,
		"comm_open":           k.commOpen,
		"comm_msg":            nothing,
		"comm_close":          nothing,
		"interrupt_request":   k.interrupt,
		"shutdown_request":    k.shutdown,

		"create_subshell_request": k.createSubshell,
		"delete_subshell_request": k.deleteSubshell,
		"list_subshell_request":   k.listSubshells,
	}
}

// nothing is the answer to what wants none.
func nothing(*request) error { return nil }

// replyTo is the type of the answer to a request.
func replyTo(request string) (string, bool) {
	const suffix = "_request"
	if n := len(request) - len(suffix); n > 0 && request[n:] == suffix {
		return request[:n] + "_reply", true
	}
	return "", false
}

// reply answers a request.
func (k *Kernel) reply(r *request, kind string, content any) {
	frames, err := k.codec.Encode(message.Outgoing{Prefix: r.Prefix, Type: kind, Parent: r.RawHeader, Content: content})
	if err != nil {
		k.log("%v", err)
		return
	}
	if err := r.peer.Send(frames); err != nil {
		k.log("answering %s: %v", r.Header.Type, err)
	}
}

// publish tells all clients something that belongs to a request.
func (k *Kernel) publish(parent json.RawMessage, kind string, content any) {
	frames, err := k.codec.Encode(message.Outgoing{
		Prefix: [][]byte{[]byte("kernel." + k.codec.Session() + "." + kind)}, Type: kind, Parent: parent, Content: content,
	})
	if err != nil {
		k.log("%v", err)
		return
	}
	k.transport.Publish(frames)
}

func (k *Kernel) publishStatus(parent json.RawMessage, state string) {
	k.publish(parent, "status", map[string]any{"execution_state": state})
}

// busy says that a request is being served.
func (k *Kernel) busy(r *request) {
	k.status.Lock()
	defer k.status.Unlock()
	if r.Header.Type == "execute_request" {
		k.running = append(k.running, r)
	}
	k.publishStatus(r.RawHeader, "busy")
}

// idle says that a request has been served. Front ends show the last state they heard, of whatever request: after one
// that was answered while a cell runs, they are told again that it does.
func (k *Kernel) idle(r *request) {
	k.status.Lock()
	defer k.status.Unlock()
	k.running = slices.DeleteFunc(k.running, func(other *request) bool { return other == r })
	k.publishStatus(r.RawHeader, "idle")
	for _, other := range k.running {
		k.publishStatus(other.RawHeader, "busy")
	}
}
