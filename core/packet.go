package core

import (
	"context"
	"fmt"
	"sort"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var packetCommand = Command{
	Name:    "packet",
	Summary: "decode one packet whole",
	Help: `The layers of a packet, every TCP and MPTCP option with its bytes, what its numbers are in the connection, the mapping that
covers its payload, and what of it can be verified: checksums, tokens, HMACs. The file is read again for it; where it
cannot be, what the trace holds is shown.`,
	Examples: []Example{
		{"packet 7", "the seventh TCP packet"},
		{"packet --frame 12", "the packet that Wireshark numbers 12"},
	},
	Params: listing(
		Param{Name: "PACKET", Kind: PacketID, Doc: "packetid: its number among the TCP packets, from 1"},
		Param{Name: "--frame", Kind: PacketID, Value: "NUMBER", Doc: "its number in the file instead, as Wireshark counts"},
	),
	Run: runPacket,
}

func runPacket(ctx context.Context, c *Call) error {
	l, err := c.Loaded()
	if err != nil {
		return err
	}
	row, err := c.packetRow(l)
	if err != nil {
		return err
	}
	if l.Table {
		told := analysis.Packet(l.Trace, row, nil)
		told.Columns = told.Columns[:len(told.Columns)-1] // the bytes would be ours
		if err := c.showTable(l, told); err != nil || c.machine() {
			return err
		}
		return c.Note("%s is a table of packets, which holds no bytes", l.Name)
	}
	var answer *display.Table
	err = c.frames(ctx, l, func(f *trace.Frame) (bool, error) {
		if !f.Kept || f.Row != row {
			return true, nil
		}
		answer = analysis.Packet(l.Trace, row, f)
		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		return err
	}
	if answer != nil {
		return c.showTable(l, answer)
	}
	if err := c.showTable(l, analysis.Packet(l.Trace, row, nil)); err != nil || c.machine() {
		return err
	}
	if err != nil {
		return c.Note("the bytes are not at hand: %s", plainError(err))
	}
	return nil
}

// packetRow is the row that the words name.
func (c *Call) packetRow(l *Loaded) (uint32, error) {
	n := l.Trace.Len()
	switch {
	case n == 0:
		return 0, c.Fail("%s has no TCP packet", l.Name)
	case c.Has("PACKET") == c.Has("--frame"):
		return 0, c.Misused("PACKET", "which packet? one number is wanted, from 1 to %d, or --frame with one of Wireshark's", n)
	case c.Has("--frame"):
		return c.frameRow(l)
	}
	id, err := strconv.ParseUint(c.Word("PACKET"), 10, 32)
	if err != nil || id < 1 || id > uint64(n) {
		return 0, c.Blame("PACKET", "there is no packet %s: they are 1 to %d", c.Word("PACKET"), n)
	}
	return uint32(id) - 1, nil
}

// frameRow finds the row of a frame of the file.
func (c *Call) frameRow(l *Loaded) (uint32, error) {
	word := c.Word("--frame")
	id, err := strconv.ParseUint(word, 10, 32)
	if err != nil || id < 1 || id > l.Trace.Capture.Frames {
		return 0, c.Blame("--frame", "there is no frame %s: they are 1 to %d", word, l.Trace.Capture.Frames)
	}
	n := l.Trace.Len()
	row := sort.Search(n, func(row int) bool { return l.Trace.FrameOf(uint32(row)) >= uint32(id) })
	if row < n && l.Trace.FrameOf(uint32(row)) == uint32(id) {
		return uint32(row), nil
	}
	e := c.Blame("--frame", "frame %s is no TCP packet", word)
	if row < n {
		e.Suggestion = fmt.Sprintf("the next one is frame %d", l.Trace.FrameOf(uint32(row)))
	}
	return 0, e
}
