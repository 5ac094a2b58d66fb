package main

import (
	"container/heap"
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// link is one emulated path at work: four goroutines, a reader and a deliverer in each direction,
// between the two hosts' devices.
type link struct {
	down atomic.Bool
	wg   sync.WaitGroup
}

// lane is one direction of a link.
type lane struct {
	link     *link
	path     int
	dir      direction
	src, dst io.ReadWriter
	from, to *capture
	shaper   *shaper
	boxes    []*middlebox
	truth    *truth
	watch    stopwatch
	start    *atomic.Int64 // true time at which traffic began; the boxes' zero
	queue    chan parcel
}

// parcel is a frame under way.
type parcel struct {
	crossing
	frame []byte
	at    time.Duration
	order int
}

// maxFrame is the largest frame a device gives.
const maxFrame = 1 << 16

// newLink starts path i of the world between two devices. It works until the devices are closed;
// wait tells when all is still.
func (w *world) newLink(i int, client, server io.ReadWriter) *link {
	l := &link{}
	p := w.sc.Paths[i]
	addr := clientAddr(p, i)
	for _, dir := range []direction{up, down} {
		n := &lane{
			link: l, path: i, dir: dir, src: client, dst: server, from: w.client, to: w.server,
			shaper: newShaper(p, dir, w.sc.Seed, i), boxes: newMiddleboxes(p, addr, dir),
			truth: &w.truth, watch: w.watch, start: &w.start, queue: make(chan parcel, 1024),
		}
		if dir == down {
			n.src, n.dst, n.from, n.to = server, client, w.server, w.client
		}
		l.wg.Add(2)
		go n.read()
		go n.deliver()
	}
	return l
}

func (l *link) wait() { l.wg.Wait() }

// clientAddr and serverAddr are the addresses of path i's ends, counted from 0.
func clientAddr(p Path, i int) netip.Addr { return pathAddr(p, i, 1) }
func serverAddr(p Path, i int) netip.Addr { return pathAddr(p, i, 2) }

func pathAddr(p Path, i int, host byte) netip.Addr {
	if p.V6 {
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 5: byte(i + 1), 15: host})
	}
	return netip.AddrFrom4([4]byte{10, 0, byte(i + 1), host})
}

// read takes what the sending host puts on its device, until the device is closed.
func (n *lane) read() {
	defer n.link.wg.Done()
	defer close(n.queue)
	buf := make([]byte, maxFrame)
	order := 0
	for {
		k, err := n.src.Read(buf)
		if errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF) {
			return
		}
		if err != nil || k == 0 {
			continue // the device is being set up, or its link is down
		}
		frame := append([]byte(nil), buf[:k]...)
		for _, p := range n.enter(frame) {
			order++
			p.order = order
			n.queue <- p
		}
	}
}

// enter puts one frame on the path: none, one or two parcels come of it.
func (n *lane) enter(frame []byte) []parcel {
	c := crossing{path: n.path, dir: n.dir}
	c.describe(frame)
	c.sent, c.from = n.from.record(n.path, frame)
	if n.link.down.Load() {
		c.fate = linkDown
		n.truth.add(c)
		return nil
	}
	arrivals, f := n.shaper.admit(c.sent, len(frame))
	if c.fate = f; f != delivered {
		n.truth.add(c)
		return nil
	}
	c.box = n.pass(frame, c.sent)
	parcels := make([]parcel, len(arrivals))
	for i, at := range arrivals {
		parcels[i] = parcel{crossing: c, frame: frame, at: at}
	}
	return parcels
}

// pass shows the frame to the middleboxes and names those that changed it.
func (n *lane) pass(frame []byte, now time.Duration) string {
	changed := ""
	start := time.Duration(n.start.Load())
	for _, b := range n.boxes {
		if start >= 0 && b.apply(frame, now-start) {
			if changed != "" {
				changed += "+"
			}
			changed += b.Do
		}
	}
	return changed
}

// deliver gives each parcel to the receiving host when it is due, until the reader ends.
func (n *lane) deliver() {
	defer n.link.wg.Done()
	var due parcels
	for {
		var p parcel
		open := true
		if len(due) == 0 {
			p, open = <-n.queue
		} else if d := due[0].at - n.watch.now(); d > spin {
			p, open = n.await(d - spin)
		} else {
			pause(d)
			n.arrive(heap.Pop(&due).(parcel))
			continue
		}
		if !open {
			n.abandon(due)
			return
		}
		if p.frame != nil {
			heap.Push(&due, p)
		}
	}
}

// spin is how far ahead of a delivery the coarse timer stops and the fine pause begins; the run
// time's own timers are only good to a millisecond.
const spin = 1200 * time.Microsecond

// await waits for a new parcel, but no longer than d; a parcel without frame tells that d is over.
func (n *lane) await(d time.Duration) (p parcel, open bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case p, open = <-n.queue:
		return p, open
	case <-timer.C:
		return parcel{}, true
	}
}

// arrive hands the parcel over, unless the link went down while it was under way.
func (n *lane) arrive(p parcel) {
	if n.link.down.Load() {
		p.fate = linkDown
		n.truth.add(p.crossing)
		return
	}
	p.recv, p.to = n.to.record(n.path, p.frame)
	n.truth.add(p.crossing)
	// A host that took its interface down refuses the frame; that is the scenario's business.
	_, _ = n.dst.Write(p.frame)
}

// abandon accounts for what was under way when the run ended.
func (n *lane) abandon(due parcels) {
	for _, p := range due {
		p.fate = unfinished
		n.truth.add(p.crossing)
	}
}

// parcels is a heap ordered by arrival, then by sending.
type parcels []parcel

func (q parcels) Len() int { return len(q) }
func (q parcels) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].order < q[j].order
}
func (q parcels) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *parcels) Push(x any)   { *q = append(*q, x.(parcel)) }
func (q *parcels) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
