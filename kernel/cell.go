package kernel

import (
	"context"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// cell is the Output of one cell: blocks and progress in, messages out, in order.
//
// Prose, charts, notes and files are display_data. A table is held back until something follows: the last one of a cell
// is its result, Out[n]. Preformatted text is a stream, as are cautions, on stderr. Text that asks for a pager is put in
// the payload if the client is a person's, else it is display_data: a client that cannot be asked (nbconvert) has no help
// pane either, and its pages break the lines of streams in mid-word.
type cell struct {
	kernel  *Kernel
	shell   *shell
	request *request
	ctx     context.Context
	silent  bool // nothing is published
	quiet   bool // nothing is shown, the last block is kept in last
	asks    bool // the client may be asked, so somebody is there

	mu       sync.Mutex
	over     bool
	stream   stream
	table    *Bundle // held back
	progress progress
	payload  []any
	result   string // the result as text, for the history
	last     *Bundle
}

func (k *Kernel) newCell(r *request, e *executeRequest) *cell {
	return &cell{kernel: k, shell: r.shell, request: r, silent: e.Silent, asks: yes(e.AllowStdin), payload: []any{}}
}

// Show turns a block into a message. An interrupted cell shows nothing more.
func (c *cell) Show(b display.Block) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if f, ok := b.(*display.File); ok && c.kernel.save != nil {
		if err := c.kernel.save(f); err != nil {
			return err
		}
	}
	if clear, ok := b.(*display.Clear); ok {
		c.clear(clear.Wait)
		return nil
	}
	bundle, err := c.kernel.renderer.Bundle(b)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.silent {
		return nil
	}
	if c.quiet {
		c.last = bundle
		return nil
	}
	if c.progress.seen {
		c.takePlace(bundle)
		return nil
	}
	c.show(b, bundle)
	return nil
}

// show publishes a block in the form that suits it.
func (c *cell) show(b display.Block, bundle *Bundle) {
	switch b := b.(type) {
	case *display.Table:
		c.flush()
		c.table = bundle
	case *display.Note:
		if b.Level >= display.Caution {
			c.print("stderr", bundle.plain())
			return
		}
		c.display(bundle)
	case *display.Text:
		switch {
		case b.Pager && c.asks:
			c.payload = append(c.payload, map[string]any{"source": "page", "data": bundle.Data, "start": 0})
		case b.Pre && !b.Pager:
			c.print("stdout", bundle.plain())
		default:
			c.display(bundle)
		}
	default:
		c.display(bundle)
	}
}

// clear takes away what the cell shows, and what it was about to.
func (c *cell) clear(wait bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.silent || c.quiet {
		return
	}
	c.stream.stop()
	c.stream.text, c.table, c.progress = nil, nil, progress{}
	c.publish("clear_output", map[string]any{"wait": wait})
}

// display publishes a bundle after everything that came before it.
func (c *cell) display(b *Bundle) {
	c.flush()
	c.publish("display_data", map[string]any{"data": b.Data, "metadata": b.meta(), "transient": map[string]any{}})
}

func (c *cell) publish(kind string, content any) {
	c.kernel.publish(c.request.RawHeader, kind, content)
}

// flush publishes what is held back: a stream's text, a table.
func (c *cell) flush() {
	c.flushStream()
	if b := c.table; b != nil {
		c.table = nil
		c.display(b)
	}
}

// finish publishes the rest: the last table as the result, and the end of a progress that nothing replaced.
func (c *cell) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	c.stream.stop()
	if c.silent || c.quiet {
		return
	}
	c.flushStream()
	if c.progress.seen {
		c.endProgress(err)
	}
	table := c.table
	c.table = nil
	switch {
	case table == nil:
	case err != nil:
		c.display(table)
	default:
		c.result = table.plain()
		c.publish("execute_result", map[string]any{
			"data": table.Data, "metadata": table.meta(), "execution_count": c.shell.count,
		})
	}
}

// Ask puts a question to the person at the client that sent the cell.
func (c *cell) Ask(ctx context.Context, prompt string) (string, error) {
	c.mu.Lock()
	if !c.quiet && !c.silent {
		c.flush()
	}
	c.mu.Unlock()
	return c.kernel.ask(ctx, c, prompt)
}

// stream gathers text for one message: a message a line would flood front ends, which drop what comes too fast.
type stream struct {
	name  string
	text  []byte
	timer *time.Timer
}

const (
	streamSize  = 64 << 10
	streamDelay = 150 * time.Millisecond
)

func (s *stream) stop() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// print adds text to a stream.
func (c *cell) print(name, text string) {
	if c.table != nil || c.stream.name != name {
		c.flush()
	}
	s := &c.stream
	s.name = name
	s.text = append(s.text, text...)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		s.text = append(s.text, '\n')
	}
	if len(s.text) >= streamSize {
		c.flushStream()
	} else if s.timer == nil {
		s.timer = time.AfterFunc(streamDelay, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if !c.over {
				c.flushStream()
			}
		})
	}
}

func (c *cell) flushStream() {
	s := &c.stream
	s.stop()
	if len(s.text) > 0 {
		c.publish("stream", map[string]any{"name": s.name, "text": string(s.text)})
		s.text = nil
	}
}
