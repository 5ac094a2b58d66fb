package mptcp_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// The only two mappings of tcpdump's mptcp-fclose.pcap, one byte each. Their DSNs are 32 bits wide on the wire: the
// checksum needs all 64, from the key.
func TestChecksumKnown(t *testing.T) {
	for _, c := range []struct {
		key    Key
		option string
		data   string
		dsn    uint64
	}{
		{0x9b59be3d695e66a7, "1e142005c9dc1c61b1712fb60000000100019e91", "\x63", 7512766147283988406},
		{0xd005b1ab34bad344, "1e142005b1712fb7c9dc1c6100000001000154ab", "\x63", 8158535551756803169},
	} {
		d, f := ParseDSS(unhex(c.option))
		if f != NoFault || !d.HasChecksum {
			t.Fatalf("%s: %v", c.option, f)
		}
		dsn := Expand(c.key.IDSN(0), uint32(d.DSN))
		if dsn != c.dsn {
			t.Errorf("%s: DSN %d, want %d", c.option, dsn, c.dsn)
		}
		sum := NewChecksum(dsn, d.SSN, d.Length)
		sum.AddAt(0, []byte(c.data))
		if sum.Sum() != d.Checksum || !sum.Matches(d.Checksum) {
			t.Errorf("%s: checksum %#x, want %#x", c.option, sum.Sum(), d.Checksum)
		}
		if sum.Matches(d.Checksum + 1) {
			t.Errorf("%s: a wrong checksum matches", c.option)
		}
	}
}

// slowChecksum is RFC 1071 to the letter.
func slowChecksum(dsn uint64, ssn uint32, length uint16, payload []byte) uint16 {
	b := binary.BigEndian.AppendUint64(nil, dsn)
	b = binary.BigEndian.AppendUint32(b, ssn)
	b = binary.BigEndian.AppendUint16(b, length)
	b = append(b, 0, 0)
	b = append(b, payload...)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// Pieces of any size in any order give what the whole gives.
func TestChecksumPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		payload := make([]byte, r.IntN(300))
		for i := range payload {
			payload[i] = byte(r.IntN(256))
			if r.IntN(2) == 0 {
				payload[i] = 0xff // carries everywhere
			}
		}
		dsn, ssn, length := r.Uint64()|^uint64(0)<<r.IntN(64), r.Uint32(), uint16(len(payload))
		type piece struct{ from, to int }
		var pieces []piece
		for at := 0; at < len(payload); {
			to := min(len(payload), at+1+r.IntN(100))
			pieces = append(pieces, piece{from: at, to: to})
			at = to
		}
		r.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		c := NewChecksum(dsn, ssn, length)
		for _, p := range pieces {
			c.AddAt(p.from, payload[p.from:p.to])
		}
		want := slowChecksum(dsn, ssn, length, payload)
		if !c.Matches(want) || c.Sum() != want {
			t.Fatalf("dsn %#x ssn %#x, %d bytes in %d pieces: %#x, want %#x", dsn, ssn, length, len(pieces), c.Sum(), want)
		}
	}
}

// A DATA_FIN without payload is checksummed by its pseudo header alone.
func TestChecksumPseudoHeaderOnly(t *testing.T) {
	c := NewChecksum(0xffffffff_00000000, 0, 1)
	if want := slowChecksum(0xffffffff_00000000, 0, 1, nil); c.Sum() != want {
		t.Errorf("%#x, want %#x", c.Sum(), want)
	}
}

// Zero has two forms in one's complement, and a receiver takes both (as Linux's csum_fold does).
func TestChecksumBothZeroes(t *testing.T) {
	c := NewChecksum(0xffff, 0, 0)
	if !c.Matches(0) || !c.Matches(0xffff) || c.Matches(1) {
		t.Error("of the checksums 0, ffff and 1 the first two should match")
	}
}

// TestRaise: the upper half of the data sequence number may be put in after the payload.
func TestRaise(t *testing.T) {
	for _, high := range [][2]uint32{{0, 0}, {0, 1}, {0, 0xffffffff}, {0xffffffff, 0}, {0x12345678, 0x9abcdef0}, {1, 1}} {
		const low, ssn, payload = 0xfffffff0, 7, "a payload"
		sum := NewChecksum(uint64(high[0])<<32|low, ssn, uint16(len(payload)))
		sum.AddAt(0, []byte(payload))
		sum.Raise(high[0], high[1])
		want := NewChecksum(uint64(high[1])<<32|low, ssn, uint16(len(payload)))
		want.AddAt(0, []byte(payload))
		if sum.Sum() != want.Sum() || !sum.Matches(want.Sum()) {
			t.Errorf("%x: %04x, want %04x", high, sum.Sum(), want.Sum())
		}
	}
}
