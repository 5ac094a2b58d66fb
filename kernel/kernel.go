package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"runtime/debug"
	"sync"
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
	session   Session
	renderer  Renderer
	save      func(f *display.File) error
	history   *History
	logger    *log.Logger

	cells, questions, control *requests
	replies                   chan input // answers to what a cell asks
	stopping                  chan struct{}
	stop                      sync.Once

	life context.Context // of Serve: every cell runs in it

	// These belong to the goroutine that serves cells.
	count    int        // cells that were to be counted
	displays int        // places that are updated
	aborted  []*request // behind a cell that failed

	mu     sync.Mutex
	cancel context.CancelFunc // ends the cell that runs, or nil

	status  sync.Mutex      // one status message after the other
	running json.RawMessage // header of the cell that runs, guarded by status
}

// New makes a kernel.
func New(o Options) *Kernel {
	k := &Kernel{
		transport: o.Transport, codec: o.Codec, session: o.Session, renderer: o.Renderer, save: o.Save, history: o.History,
		logger: o.Log, cells: newRequests(), questions: newRequests(), control: newRequests(),
		replies: make(chan input, 16), stopping: make(chan struct{}),
	}
	if k.history == nil {
		k.history = &History{}
	}
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
	k.life = life
	if err := k.transport.Start(k); err != nil {
		return err
	}
	k.publishStatus(nil, "starting")
	var workers sync.WaitGroup
	for _, q := range []*requests{k.cells, k.questions, k.control} {
		workers.Go(func() { k.work(q) })
	}
	select {
	case <-ctx.Done():
	case <-k.stopping:
	}
	for _, q := range []*requests{k.cells, k.questions, k.control} {
		q.close()
	}
	end()
	idle := make(chan struct{})
	go func() { workers.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(patience):
		k.log("a cell does not end: leaving it")
	}
	return k.transport.Close(farewell)
}

// Stop ends Serve.
func (k *Kernel) Stop() { k.stop.Do(func() { close(k.stopping) }) }

// Interrupt ends the cell that runs, if any. The session keeps what it has.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cancel != nil {
		k.cancel()
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
	r := &request{Message: m, peer: p}
	switch {
	case m.Header.Type == "input_reply":
		k.answered(r)
	case c == Stdin:
		k.log("dropping a %q on stdin", m.Header.Type)
	case m.Header.Type == "execute_request":
		k.cells.add(r)
	case c == Control || m.Header.Type == "interrupt_request" || m.Header.Type == "shutdown_request":
		k.control.add(r)
	default:
		k.questions.add(r)
	}
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
		if q == k.cells {
			k.refuse()
		}
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
				k.reply(r, reply, failure{"InternalError", fmt.Sprint(p), []string{fmt.Sprint(p)}}.content())
			}
		}
	}()
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
		k.running = r.RawHeader
	}
	k.publishStatus(r.RawHeader, "busy")
}

// idle says that a request has been served. Front ends show the last state they heard, of whatever request: after a
// question that was answered while a cell runs, they are told again that it does.
func (k *Kernel) idle(r *request) {
	k.status.Lock()
	defer k.status.Unlock()
	if r.Header.Type == "execute_request" {
		k.running = nil
	}
	k.publishStatus(r.RawHeader, "idle")
	if k.running != nil {
		k.publishStatus(k.running, "busy")
	}
}
