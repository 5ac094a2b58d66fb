package main

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
)

// config is what the command line tells.
type config struct {
	packets     int
	snaplen     int
	v0          bool
	checksum    bool // of data
	bare        bool // no time stamps
	pcapng      bool
	seed        uint64
	connections int // 0 stands for numConns
}

// numConns is the number of connections that are written unless others are asked for; connection i has 2 + i%3 subflows.
const numConns = 10

// mostConns is how many have addresses of their own: a byte of each is the connection's number.
const mostConns = 256

// minPackets is what the handshakes, closes and a little traffic of a connection take.
const minPackets = 100

// world is all that goes on.
type world struct {
	config
	rng      *rand.Rand
	file     file
	conns    []*conn
	subflows []*subflow // of all connections
	written  int
	now      int64 // time of the last packet
}

// generate writes the capture.
func generate(cfg config, out io.Writer) error {
	conns := cmp.Or(cfg.connections, numConns)
	if conns < 1 || conns > mostConns {
		return fmt.Errorf("from 1 to %d connections, not %d", mostConns, conns)
	}
	if least := conns * minPackets; cfg.packets < least {
		return fmt.Errorf("%d connections take at least %d packets, not %d", conns, least, cfg.packets)
	}
	w := &world{config: cfg, rng: rand.New(rand.NewPCG(cfg.seed, 0x8684)), file: newFile(out, cfg)}
	for i := range conns {
		c := newConn(w, i)
		w.conns = append(w.conns, c)
		w.subflows = append(w.subflows, c.subflows...)
		c.open()
	}
	closing := 0
	for _, c := range w.conns {
		closing += c.closeCost()
	}
	w.transfer(cfg.packets - closing)
	for _, c := range w.conns {
		c.close()
	}
	return w.file.err
}

// transfer sends data on all subflows until the capture has so many packets, and everything is delivered.
func (w *world) transfer(until int) {
	// What is under way at the end still takes some packets: no subflow has more than maxSteps to go, nor more than
	// two reinjections to make.
	drain := until - len(w.subflows)*(maxSteps+4)
	for w.written < drain {
		w.earliest().step(true)
	}
	for {
		s := w.busy()
		if s == nil {
			break
		}
		s.step(false)
	}
	s := w.subflows[0]
	for w.written+2 <= until {
		s.start(burst{toward: server, segments: 1})
		s.step(false)
		s.step(false)
	}
	for w.written < until {
		s.ack(client)
	}
}

// earliest is the subflow whose turn it is.
func (w *world) earliest() *subflow {
	first := w.subflows[0]
	for _, s := range w.subflows[1:] {
		if s.next < first.next {
			first = s
		}
	}
	return first
}

// busy is the earliest subflow that has something to do, nil if none has.
func (w *world) busy() *subflow {
	var first *subflow
	for _, s := range w.subflows {
		if (len(s.steps) > 0 || len(s.reinject) > 0) && (first == nil || s.next < first.next) {
			first = s
		}
	}
	return first
}
