package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var followCommand = Command{
	Name:    "follow",
	Aliases: []string{"follow_mptcp", "follow_tcp"},
	Summary: "put together the bytes that the applications sent",
	Help: `Reads the capture again and puts the payload together in data sequence order, each direction by itself; what was sent more
than once is taken once, and a copy whose DSS checksum is wrong only where there is no other. What the capture does not hold is
marked as missing: packets that were lost to it, and payload that it cut. TCP's sequence numbers give the order with --tcp, of
a connection that is plain TCP, and where not all that its only subflow carried is mapped. Data of a SYN (TCP Fast Open)
comes first.
The first bytes are shown as text, with a dot for what cannot be printed, or with --hex. With --out a direction is written
to a file as it is; holes are left out there. --hash adds the SHA-256 of each direction that is whole.`,
	Examples: []Example{
		{"follow 0", "both directions of connection 0"},
		{"follow 0 --hash", "with the SHA-256 of what was sent"},
		{"follow 0 Server --out upload.bin", "write what the client sent to a file"},
		{"follow --tcp 1 --hex -n 256", "the first bytes of one TCP stream, hexadecimal"},
	},
	Params: listing(connParam, destParam, destOption,
		Param{Name: "--tcp", Kind: StreamID, Value: "STREAM", Doc: "this TCP stream instead of a connection"},
		Param{Name: "--hash", Kind: Flag, Doc: "with the SHA-256 of each direction"},
		Param{Name: "--hex", Kind: Flag, Doc: "show bytes hexadecimal, with offsets"},
		Param{Name: "-n", Kind: Text, Value: "BYTES", Doc: "how many bytes of a direction to show, 1024 without it"},
		Param{Name: "--out", Short: "-o", Kind: Path, Value: "FILE", Doc: "write the bytes of one direction to a file"},
	),
	Run: runFollow,
}

// shownBytes is how many bytes of a direction are shown unless told.
const shownBytes = 1024

// followed is one direction being put together.
type followed struct {
	*analysis.ByteStream
	hash     hash.Hash
	shown    bytes.Buffer // the first bytes, marks of holes included
	most     int
	unmapped uint64
}

// following is what is followed.
type following struct {
	loaded *Loaded
	conn   *conn.Conn     // nil for a TCP stream
	stream *stream.Stream // nil for a connection
	dests  []stream.Dest
}

func runFollow(ctx context.Context, c *Call) error {
	s, err := c.followSubject()
	if err != nil {
		return err
	}
	if s.loaded.Table {
		return c.Fail("%s is a table of packets, which holds no payload", s.loaded.Name)
	}
	most, err := c.shownMost()
	if err != nil {
		return err
	}
	ways := make([]*followed, len(s.dests))
	for i, d := range s.dests {
		w := &followed{hash: sha256.New(), most: most}
		w.ByteStream = s.bytes(d, w.take, w.hole)
		if s.conn != nil && !w.Plain() {
			w.unmapped = s.conn.Toward[d].Unmapped
		}
		ways[i] = w
	}
	if err := c.assemble(ctx, s.loaded, ways); err != nil {
		return err
	}
	if c.Has("--out") {
		return c.followToFile(ctx, s, ways)
	}
	if err := c.showTable(s.loaded, s.table(ways, c.Has("--hash"))); err != nil || c.machine() {
		return err
	}
	return c.showFollowed(ways)
}

// followSubject is what the words name.
func (c *Call) followSubject() (s *following, err error) {
	dest, err := c.Dest("DEST", "--dest")
	if err != nil {
		return nil, err
	}
	s = &following{dests: analysis.ConnDirections(dest)}
	if !c.Has("--tcp") {
		s.loaded, s.conn, err = c.Conn("CONNECTION")
		return s, err
	}
	if c.Has("CONNECTION") {
		return nil, c.Misused("CONNECTION", "either a connection or --tcp is wanted, not both")
	}
	if s.loaded, err = c.Loaded(); err != nil {
		return nil, err
	}
	id, err := c.oneStream(s.loaded, "--tcp")
	if err != nil {
		return nil, err
	}
	s.stream = &s.loaded.Trace.Streams[id]
	return s, nil
}

func (c *Call) shownMost() (int, error) {
	if !c.Has("-n") {
		return shownBytes, nil
	}
	n, err := strconv.Atoi(c.Word("-n"))
	if err != nil || n < 0 || n > 1<<24 {
		return 0, c.Misused("-n", "%q is no count of bytes (0 to %d)", c.Word("-n"), 1<<24)
	}
	return n, nil
}

func (s *following) bytes(d stream.Dest, take func([]byte) error, hole func(analysis.Gap) error) *analysis.ByteStream {
	if s.conn != nil {
		return analysis.NewConnStream(s.loaded.Trace, s.conn, d, take, hole)
	}
	return analysis.NewTCPStream(s.loaded.Trace, s.stream, d, take, hole)
}

// assemble walks the capture once for all directions.
func (c *Call) assemble(ctx context.Context, l *Loaded, ways []*followed) error {
	err := c.frames(ctx, l, func(f *trace.Frame) (bool, error) {
		if !f.Kept || len(f.Packet.Payload()) == 0 {
			return true, nil
		}
		for _, w := range ways {
			if err := w.Add(f.Row, f.Packet.Payload()); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	for _, w := range ways {
		if err == nil {
			err = w.Finish()
		}
	}
	return err
}

func (w *followed) take(p []byte) error {
	w.hash.Write(p)
	if room := w.most - w.shown.Len(); room > 0 {
		w.shown.Write(p[:min(room, len(p))])
	}
	return nil
}

func (w *followed) hole(h analysis.Gap) error {
	if w.shown.Len() < w.most {
		fmt.Fprintf(&w.shown, "\n[%d bytes missing]\n", h.Len)
	}
	return nil
}

// sum is the hash of a direction that is whole, "" of others.
func (w *followed) sum() string {
	if len(w.Holes) > 0 || w.unmapped > 0 {
		return ""
	}
	return hex.EncodeToString(w.hash.Sum(nil))
}

// table sums up the directions.
func (s *following) table(ways []*followed, hashes bool) *display.Table {
	title := ""
	if s.conn != nil {
		title = fmt.Sprintf("Bytes of connection %d", s.conn.ID)
	} else {
		title = fmt.Sprintf("Bytes of TCP stream %d", s.stream.ID)
	}
	columns := []display.Column{
		{Key: "dest", Head: "Towards", Doc: "the end that the bytes travel to"},
		{Key: "bytes", Head: "Bytes", Unit: display.Bytes, Doc: "in order, each counted once"},
		{Key: "missing", Head: "Missing", Unit: display.Bytes, Doc: "bytes that the capture does not hold"},
		{Key: "holes", Head: "Holes", Doc: "gaps that the missing bytes make"},
		{Key: "order", Head: "Ordered by", Doc: "data sequence numbers, or TCP's"},
	}
	if hashes {
		columns = append(columns, display.Column{Key: "sha256", Head: "SHA-256", Wide: true, Doc: "of the bytes; none where some are missing"})
	}
	return &display.Table{
		Name: "follow", Title: title, Rows: len(ways), Columns: columns,
		Cell: func(row, col int) display.Value {
			w := ways[row]
			switch col {
			case 0:
				return display.Str(w.Dest.String())
			case 1:
				return display.Uint(w.Bytes)
			case 2:
				return display.Uint(w.Missing())
			case 3:
				return display.Uint(uint64(len(w.Holes)))
			case 4:
				return display.Str(map[bool]string{true: "TCP sequence number", false: "data sequence number"}[w.Plain()])
			}
			if sum := w.sum(); sum != "" {
				return display.Str(sum)
			}
			return display.Value{}
		},
	}
}

// showFollowed shows the first bytes of each direction that has any.
func (c *Call) showFollowed(ways []*followed) error {
	for _, w := range ways {
		if w.unmapped > 0 {
			if err := c.Note("%s towards the %s are left out: no mapping covers them", display.Count(w.unmapped, "byte"), w.Dest.End()); err != nil {
				return err
			}
		}
		if err := c.noteDoubtful(w); err != nil {
			return err
		}
		if w.Bytes == 0 || w.most == 0 {
			continue
		}
		body := printable(w.shown.Bytes())
		if c.Has("--hex") {
			body = hex.Dump(w.shown.Bytes())
		}
		title := "Towards the " + w.Dest.End()
		if w.Bytes > uint64(w.most) {
			title += fmt.Sprintf(", the first %s (-n shows more, --out writes all)", display.Count(w.most, "byte"))
		}
		if err := c.Show(&display.Text{Title: title, Body: body, Pre: true, Pager: true}); err != nil {
			return err
		}
	}
	return nil
}

// noteDoubtful tells of bytes that may not be those which were sent.
func (c *Call) noteDoubtful(w *followed) error {
	if w.Doubtful == 0 {
		return nil
	}
	return c.Note("%s towards the %s come from a mapping whose DSS checksum failed, and were not sent otherwise",
		display.Count(w.Doubtful, "byte"), w.Dest.End())
}

// printable writes bytes as text: what is not printable ASCII, a line end or a tab becomes a dot.
func printable(b []byte) string {
	text := make([]byte, len(b))
	for i, c := range b {
		if (c < ' ' || c > '~') && c != '\n' && c != '\t' {
			c = '.'
		}
		text[i] = c
	}
	return string(text)
}

// followToFile writes the bytes of one direction.
func (c *Call) followToFile(ctx context.Context, s *following, ways []*followed) error {
	var with []*followed
	for _, w := range ways {
		if w.Bytes > 0 {
			with = append(with, w)
		}
	}
	switch len(with) {
	case 0:
		return c.Fail("there are no bytes to write")
	case 2:
		return c.Misused("--out", "which direction? a file holds one: Client (%s) or Server (%s)", display.Count(with[1].Bytes, "byte"), display.Count(with[0].Bytes, "byte"))
	}
	one := with[0]
	name := c.Word("--out")
	err := c.Show(&display.File{Name: name, Write: func(out display.Writer) error {
		again := &followed{hash: sha256.New()}
		again.ByteStream = s.bytes(one.Dest, func(p []byte) error { _, err := out.Write(p); return err }, nil)
		return c.assemble(ctx, s.loaded, []*followed{again})
	}})
	if err == nil {
		err = c.noteDoubtful(one)
	}
	if err != nil {
		return err
	}
	if one.Missing() > 0 {
		return c.Note("%s in %s are not in the capture and left out", display.Count(one.Missing(), "byte"), display.Count(len(one.Holes), "hole"))
	}
	return nil
}
