package main

import (
	"bufio"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"
)

// truthHeader names the columns of truth.csv. Times are nanoseconds since 1970 in the run's own
// clock; recv_ns is empty for what didn't arrive. box names the middleboxes that changed the frame.
// The frame numbers count from 1 and are 0 for a frame that the capture doesn't have. Ports, seq
// and flags are as sent, and 0 for what isn't TCP.
const truthHeader = "path,dir,sent_ns,recv_ns,fate,box,len,client_frame,server_frame,sport,dport,seq,flags"

// crossing is one frame's way over a path: a line of truth.csv.
type crossing struct {
	path         int // from 0
	dir          direction
	sent, recv   time.Duration
	fate         fate
	box          string
	len          int
	from, to     int // frame numbers in the sender's and the receiver's capture
	sport, dport uint16
	seq          uint32
	flags        byte
}

// describe fills in what the frame itself says.
func (c *crossing) describe(frame []byte) {
	c.len = len(frame)
	if s, ok := locate(frame); ok {
		c.sport, c.dport, c.seq, c.flags = s.srcPort(), s.dstPort(), s.seq(), s.flags()
	}
}

// truth collects the crossings of a run. Safe for concurrent use.
type truth struct {
	mu   sync.Mutex
	rows []crossing
}

func (t *truth) add(c crossing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, c)
}

// write writes the table in order of sending.
func (t *truth) write(w io.Writer, watch stopwatch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	sort.SliceStable(t.rows, func(i, j int) bool { return t.rows[i].sent < t.rows[j].sent })
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, truthHeader)
	for _, c := range t.rows {
		recv, client, server := "", c.from, c.to
		if c.fate == delivered {
			recv = fmt.Sprint(watch.wall(c.recv).UnixNano())
		}
		if c.dir == down {
			client, server = c.to, c.from
		}
		fmt.Fprintf(b, "%d,%s,%d,%s,%s,%s,%d,%d,%d,%d,%d,%d,%d\n", c.path+1, c.dir, watch.wall(c.sent).UnixNano(),
			recv, c.fate, c.box, c.len, client, server, c.sport, c.dport, c.seq, c.flags)
	}
	return b.Flush()
}
