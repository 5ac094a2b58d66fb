package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// capture is what one host sees on all its paths, written as pcapng with one interface a path. It
// takes the time itself, under its lock, so the file is in order of true time and a frame has one
// time in the file and in the truth. Safe for concurrent use.
type capture struct {
	mu     sync.Mutex
	file   *os.File
	w      *pcapgo.NgWriter
	watch  stopwatch
	clock  Clock
	snap   int
	zero   time.Duration // true time at which the clock's error is its offset alone
	from   time.Duration // frames before are not written; true time
	miss   float64       // probability that a frame is not written
	dice   *rand.Rand
	frames int
	tally  tally
	err    error // the first write that failed; nothing is written after it
}

// newCapture opens file for a host whose clock errs as given. Nothing is written before start is
// called, except the headers.
func newCapture(file string, sc *Scenario, host string, clock Clock, watch stopwatch) (*capture, error) {
	fh, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	opt := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
		OS:          "Linux " + kernelVersion(),
		Application: "mptcpanalyzer testdata/lab",
		Comment:     fmt.Sprintf("%s, %s side. %s", sc.Name, host, sc.Story),
	}}
	w, err := pcapgo.NewNgWriterInterface(fh, ngInterface(sc, 0), opt)
	for i := 1; err == nil && i < len(sc.Paths); i++ {
		_, err = w.AddInterface(ngInterface(sc, i))
	}
	if err != nil {
		fh.Close()
		return nil, err
	}
	return &capture{file: fh, w: w, watch: watch, clock: clock, snap: sc.Snaplen, from: 1 << 62, tally: newTally(),
		miss: sc.CaptureMiss, dice: rand.New(rand.NewPCG(sc.Seed, uint64(len(host))<<32|uint64(host[0])))}, nil
}

func ngInterface(sc *Scenario, path int) pcapgo.NgInterface {
	return pcapgo.NgInterface{Name: sc.Paths[path].Name, LinkType: layers.LinkTypeEthernet, SnapLength: uint32(sc.Snaplen)}
}

// start begins the capture: zero is the true time at which traffic starts, and frames are written
// from late after that.
func (c *capture) start(zero, late time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zero, c.from = zero, zero+late
}

// record writes a frame that passes the host's interface now. It gives the true time, and the
// frame's number in the file counted from 1, or 0 when it isn't in the file.
func (c *capture) record(path int, frame []byte) (at time.Duration, number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at = c.watch.now()
	if at < c.from || c.err != nil || c.file == nil || c.miss > 0 && c.dice.Float64() < c.miss {
		return at, 0
	}
	kept := frame
	if c.snap > 0 && len(frame) > c.snap {
		kept = frame[:c.snap]
	}
	c.err = c.w.WritePacket(gopacket.CaptureInfo{
		Timestamp:      c.watch.wall(c.zero + c.clock.read(at-c.zero)),
		CaptureLength:  len(kept),
		Length:         len(frame),
		InterfaceIndex: path,
	}, kept)
	if c.err != nil {
		return at, 0
	}
	c.frames++
	c.tally.add(frame)
	return at, c.frames
}

// close ends the file; frames that come later are not written.
func (c *capture) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file == nil {
		return c.err
	}
	if err := c.w.Flush(); c.err == nil {
		c.err = err
	}
	if err := c.file.Close(); c.err == nil {
		c.err = err
	}
	c.file = nil
	return c.err
}
