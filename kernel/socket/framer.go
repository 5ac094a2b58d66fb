package socket

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"
)

// ZMTP 3 framing (https://rfc.zeromq.org/spec:23/ZMTP/): flags, a length of one or eight bytes, the body.
const (
	greetingSize = 64
	flagMore     = 1
	flagLong     = 2
	flagCommand  = 4

	maxCommand = 4 << 10
	chunk      = 1 << 20 // long bodies are read, and paid for, in pieces of this
)

// What a peer can do wrong on the wire.
var (
	errTooLong = errors.New("frame or message too long")
	errFraming = errors.New("broken framing")
	errMany    = errors.New("too many frames in a message")
	errBudget  = errors.New("too much is being received at once")
)

// framer is the net.Conn that zmq4 reads from. It follows the framing and hands on only what is whole and of a sane
// length, so that zmq4 never allocates for a length that a peer merely claims. Commands that come after the handshake are
// not handed on but given to command.
type framer struct {
	net.Conn
	in      *bufio.Reader
	limits  Limits
	reserve func(n int64) bool // asks for room for n more bytes being received; negative gives back
	command func(name string, body []byte) error

	greeted, ready bool
	out            []byte // what zmq4 may read now
	buffer         []byte // its memory
	size           int64  // of the message so far
	frames         int    // of the message so far
	reserved       int64
}

func newFramer(c net.Conn, l Limits, reserve func(int64) bool) *framer {
	return &framer{Conn: c, in: bufio.NewReaderSize(c, 16<<10), limits: l, reserve: reserve}
}

// Read gives zmq4 bytes of whole frames.
func (f *framer) Read(p []byte) (int, error) {
	for len(f.out) == 0 {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// fill reads the greeting or the next frame.
func (f *framer) fill() error {
	if !f.greeted {
		f.greeted = true
		return f.body(f.buffer[:0], greetingSize)
	}
	if f.frames == 0 && f.ready { // between messages a peer may rest as long as it likes
		if err := f.rest(); err != nil {
			return err
		}
	}
	flags, length, head, err := f.header()
	if err != nil {
		return err
	}
	if flags&flagCommand != 0 {
		return f.takeCommand(length, head)
	}
	if !f.ready {
		return fmt.Errorf("%w: message before the handshake", errFraming)
	}
	f.frames++
	f.size += int64(length)
	if f.frames > maxFrames {
		return errMany
	}
	if length > uint64(f.limits.Message) || f.size > f.limits.Message {
		return errTooLong
	}
	if err := f.body(append(f.buffer[:0], head...), int64(length)); err != nil {
		return err
	}
	if flags&flagMore == 0 {
		f.frames, f.size = 0, 0
		f.release()
	}
	return nil
}

// rest waits for the first byte of a message without a deadline.
func (f *framer) rest() error {
	if f.in.Buffered() > 0 {
		return nil
	}
	if err := f.Conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	_, err := f.in.Peek(1)
	return err
}

// header reads flags and length of a frame, and gives the bytes that said so.
func (f *framer) header() (flags byte, length uint64, head []byte, err error) {
	var b [9]byte
	if err := f.full(b[:2]); err != nil {
		return 0, 0, nil, err
	}
	flags = b[0]
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, 0, nil, errFraming
	}
	if flags&flagLong == 0 {
		return flags, uint64(b[1]), b[:2], nil
	}
	if err := f.full(b[2:]); err != nil {
		return 0, 0, nil, err
	}
	return flags, binary.BigEndian.Uint64(b[1:]), b[:], nil
}

// full reads all of p. Once the handshake is over, each piece must come within the stall limit.
func (f *framer) full(p []byte) error {
	if f.ready && f.in.Buffered() < len(p) {
		if err := f.Conn.SetReadDeadline(time.Now().Add(f.limits.Stall)); err != nil {
			return err
		}
	}
	_, err := io.ReadFull(f.in, p)
	return err
}

// body appends length bytes of the peer to b and makes them readable. The memory grows with what has arrived.
func (f *framer) body(b []byte, length int64) error {
	long := length > chunk
	for length > 0 {
		n := min(length, chunk)
		if long {
			if !f.reserve(n) {
				return errBudget
			}
			f.reserved += n
		}
		at := len(b)
		b = append(b, make([]byte, n)...)
		if err := f.full(b[at:]); err != nil {
			return err
		}
		length -= n
	}
	f.out = b
	if f.buffer = b; cap(b) > chunk {
		f.buffer = nil // a long one is not kept
	}
	return nil
}

// release gives back what was reserved.
func (f *framer) release() {
	f.reserve(-f.reserved)
	f.reserved = 0
}

// takeCommand reads a command: the READY of the handshake is checked and handed on, later ones are dealt with here.
func (f *framer) takeCommand(length uint64, head []byte) error {
	if length > maxCommand {
		return errTooLong
	}
	if f.ready && f.frames > 0 {
		return fmt.Errorf("%w: command inside a message", errFraming)
	}
	if err := f.body(append(f.buffer[:0], head...), int64(length)); err != nil {
		return err
	}
	name, body, err := parseCommand(f.out[len(head):])
	if err != nil {
		return err
	}
	if !f.ready {
		return checkProperties(name, body)
	}
	f.out = nil
	return f.command(name, body)
}

func parseCommand(b []byte) (name string, body []byte, err error) {
	if len(b) == 0 || int(b[0]) > len(b)-1 {
		return "", nil, fmt.Errorf("%w: command without name", errFraming)
	}
	return string(b[1 : 1+int(b[0])]), b[1+int(b[0]):], nil
}

// checkProperties refuses metadata over which zmq4 would panic: such as does not fill its frame, and socket types that
// nobody has heard of.
func checkProperties(name string, b []byte) error {
	if name != "READY" {
		return nil // zmq4 refuses it by its name
	}
	typed := false
	for len(b) > 0 {
		n := 1 + int(b[0])
		if n+4 > len(b) {
			return fmt.Errorf("%w: metadata cut", errFraming)
		}
		key, size := string(b[1:n]), binary.BigEndian.Uint32(b[n:])
		b = b[n+4:]
		if uint64(size) > uint64(len(b)) {
			return fmt.Errorf("%w: metadata cut", errFraming)
		}
		if strings.EqualFold(key, socketType) {
			if !known(string(b[:size])) {
				return fmt.Errorf("%w: unknown socket type", errFraming)
			}
			typed = typed || key == socketType
		}
		b = b[size:]
	}
	if !typed {
		return fmt.Errorf("%w: metadata without socket type", errFraming)
	}
	return nil
}

const socketType = "Socket-Type"

func known(kind string) bool {
	switch zmq4.SocketType(kind) {
	case zmq4.Pair, zmq4.Pub, zmq4.Sub, zmq4.Req, zmq4.Rep, zmq4.Dealer, zmq4.Router, zmq4.Pull, zmq4.Push, zmq4.XPub, zmq4.XSub:
		return true
	}
	return false
}
