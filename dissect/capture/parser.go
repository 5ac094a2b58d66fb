package capture

import (
	"fmt"
	"math"
)

// decoder reads the records of one format. decode takes whole records off the front of b and returns how many bytes
// they had, and how many it needs to see, from there on, to go further: more than are left in b.
type decoder interface {
	decode(p *parser, b []byte) (n, want int, err error)
	// pending names what is missing if the file ends with left bytes of a record, "" if nothing is, and how many bytes
	// of that record were consumed already.
	pending(left int) (missing string, back int64)
}

// parser turns an uncompressed byte stream into frames. It keeps what every format needs; a decoder does the rest.
type parser struct {
	emit       func(*Frame) error
	frame      Frame
	interfaces []Interface
	format     string
	inside     string // compression around it
	dec        decoder
	carry      []byte // start of a record that is not whole yet
	want       int    // bytes the carried record needs; > len(carry)
	offset     int64  // of the first byte not yet consumed
	cut        *Cut
	live       bool // what comes next may be long in coming
}

// feed takes the next bytes. Only the record that straddles two chunks is copied.
func (p *parser) feed(b []byte) error {
	for len(p.carry) > 0 && len(b) > 0 && p.cut == nil {
		take := min(p.want-len(p.carry), len(b))
		p.carry = append(p.carry, b[:take]...)
		b = b[take:]
		if len(p.carry) < p.want {
			return nil
		}
		n, err := p.run(p.carry)
		if err != nil || p.cut != nil {
			return err
		}
		p.carry = p.carry[:copy(p.carry, p.carry[n:])]
	}
	if len(b) == 0 || p.cut != nil {
		return nil
	}
	n, err := p.run(b)
	if err == nil && p.cut == nil {
		p.carry = append(p.carry[:0], b[n:]...)
	}
	return err
}

// run decodes what is whole in b, and sets want.
func (p *parser) run(b []byte) (int, error) {
	done := 0
	for p.dec == nil {
		n, want, err := p.sniff(b)
		done += n
		p.offset += int64(n)
		p.want = want
		if err != nil || p.dec == nil {
			return done, err
		}
	}
	n, want, err := p.dec.decode(p, b[done:])
	p.offset += int64(n)
	p.want = want
	return done + n, err
}

// finish is the end of the stream.
func (p *parser) finish() error {
	if p.cut != nil {
		return nil
	}
	if p.dec == nil {
		return p.tooShort(p.carry)
	}
	if err := p.settle(); err != nil || p.cut != nil {
		return err
	}
	if missing, back := p.dec.pending(len(p.carry)); missing != "" {
		p.stop(-back, true, "%s", missing)
	}
	return nil
}

// stop records that nothing further can be read, ahead bytes after what run counted as consumed.
func (p *parser) stop(ahead int64, short bool, format string, args ...any) {
	p.cut = &Cut{
		Frame:  p.frame.Number + 1,
		Offset: p.offset + ahead,
		Reason: fmt.Sprintf(format, args...),
		Short:  short,
	}
}

// deliver numbers the frame made ready in p.frame and hands it out.
func (p *parser) deliver() error {
	if p.frame.Number == math.MaxUint32 {
		return p.tooMany()
	}
	p.frame.Number++
	return p.emit(&p.frame)
}

// tooMany ends a file with more frames than can be numbered.
func (p *parser) tooMany() error {
	p.stop(0, false, "more than %d frames", uint32(math.MaxUint32))
	return nil
}

// maxFrame is the most bytes of a frame that Wireshark takes for sane (its WTAP_MAX_PACKET_SIZE_STANDARD); a record
// that claims more is damage.
const maxFrame = 262144

// maxDBus is the same for LINKTYPE_DBUS.
const maxDBus = 128 << 20

const linkDBus = 231

func maxCaptured(link uint32) uint32 {
	if link == linkDBus {
		return maxDBus
	}
	return maxFrame
}
