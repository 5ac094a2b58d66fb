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
	src, dst device
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

// newLink starts path i of the world between two devices. It works until the devices are closed;
// wait tells when all is still.
func (w *world) newLink(i int, client, server device) *link {
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
		frame, off, err := n.src.receive(buf)
		if errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF) {
			return
		}
		if err != nil || len(frame) == 0 {
			pause(time.Millisecond) // the host has taken the device down, or is setting it up
			continue
		}
		for _, p := range n.enter(append([]byte(nil), frame...), off) {
			order++
			p.order = order
			n.queue <- p
		}
	}
}

// enter records a frame as the sending host hands it over, and puts it on the path: as it is, or
// cut into the segments that the host left to its device to make.
func (n *lane) enter(frame []byte, off offload) []parcel {
	sent, number := n.from.record(n.path, frame)
	var under []parcel
	for _, f := range off.segments(frame) {
		c := crossing{path: n.path, dir: n.dir, sent: sent, from: number}
		c.describe(f)
		under = append(under, n.carry(c, f)...)
	}
	return under
}

// carry puts one frame on the path: none, one or two parcels come of it.
func (n *lane) carry(c crossing, frame []byte) []parcel {
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
	var passes bool
	if c.box, passes = n.pass(frame, c.sent); !passes {
		c.fate = dropped
		n.truth.add(c)
		return nil
	}
	parcels := make([]parcel, len(arrivals))
	for i, at := range arrivals {
		parcels[i] = parcel{crossing: c, frame: frame, at: at}
	}
	return parcels
}

// pass shows the frame to the middleboxes and names those that changed it, or that kept it.
func (n *lane) pass(frame []byte, now time.Duration) (changed string, passes bool) {
	start := time.Duration(n.start.Load())
	for _, b := range n.boxes {
		if start >= 0 && b.apply(frame, now-start) {
			if changed != "" {
				changed += "+"
			}
			changed += b.Do
			if b.drops() {
				return changed, false
			}
		}
	}
	return changed, true
}

// deliver gives each parcel to the receiving host when it is due, until the reader ends.
func (n *lane) deliver() {
	defer n.link.wg.Done()
	var due parcels
	for n.collect(&due) {
		d := due[0].at - n.watch.now()
		if d > spin {
			n.await(&due, d-spin)
			continue
		}
		pause(d)
		n.arrive(heap.Pop(&due).(parcel))
	}
	n.abandon(due)
}

// spin is how far ahead of a delivery the coarse timer stops and the fine pause begins; the run
// time's own timers are only good to a millisecond.
const spin = 1200 * time.Microsecond

// collect takes in all parcels that were sent, and waits for one when there is none. It is false
// once the reader has ended.
func (n *lane) collect(due *parcels) bool {
	for len(*due) == 0 {
		p, open := <-n.queue
		if !open {
			return false
		}
		heap.Push(due, p)
	}
	for {
		select {
		case p, open := <-n.queue:
			if !open {
				return false
			}
			heap.Push(due, p)
		default:
			return true
		}
	}
}

// await waits for d, or for a parcel that is sent meanwhile.
func (n *lane) await(due *parcels, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case p, open := <-n.queue:
		if open {
			heap.Push(due, p)
		}
	case <-timer.C:
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
	_ = n.dst.send(p.frame)
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
