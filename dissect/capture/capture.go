// Package capture reads pcap and pcapng by pushed chunks: Feed bytes in, frames come out. It knows no protocol.
//
// The type of a file is told from its content, never from its name: pcap (microseconds, nanoseconds, the formats of
// Kuznetsov's patched libpcap, of Nokia and of AIX, Ixia's lcap; both byte orders), pcapng, and either of them compressed by gzip
// or zstd.
//
// # Use
//
//	r := capture.NewReader(func(f *capture.Frame) error { … })
//	for each chunk { if err := r.Feed(chunk); err != nil … }
//	err := r.Finish()
//
// A program that has an [io.Reader] calls [Reader.ReadAll] in place of Feed and Finish, and [Merge] for several
// sources at once, ordered by time. Frames lying whole within a fed chunk are not copied; at most one partial record
// is carried from a chunk to the next, so memory is bounded by what the file really holds, whatever it claims.
// Nothing is allocated for a frame, but for the comment it may bear.
//
// # What it refuses
//
// A source that is no capture is a [*FormatError], which says what the bytes look like. A capture that breaks off or
// is damaged is no error: the frames before that place have been delivered, and [Reader.Cut] says where reading
// stopped and why. What counts as damaged is what Wireshark 4 takes for it.
//
// # Reading order
//
//   - capture.go: frames and interfaces. reader.go: Reader. source.go: a source is read whole; mapped_linux.go, mapped_other.go:
//     a long file is mapped, where the caller lets it. error.go: what is no capture, and where one breaks off.
//   - parser.go: the carry from chunk to chunk, whatever the format. sniff.go: which format it is. pcap.go with variant.go, and
//     pcapng.go with enhanced.go, option.go and clock.go: the formats. bytes.go: numbers in either byte order.
//   - inflate.go, decompress.go: gzip and zstd. merge.go: several captures in order of time.
package capture

import "bytes"

// Frame is one captured frame. It and its Data are valid until the callback returns; keep a Clone.
type Frame struct {
	Number    uint32 // 1… in file order, as Wireshark's frame.number
	Time      int64  // ns since the epoch; 0 where NoTime
	Interface uint32 // index into the reader's interfaces
	Link      uint32 // LINKTYPE_ number of its interface
	Data      []byte // what was captured
	Length    uint32 // original length on the wire, as the file states it: some writers state less than they captured
	NoTime    bool   // the record has no time of its own (pcapng's Simple Packet Block)
	Comment   string // pcapng comments, one a line, usually empty
}

// NoLink is the Link of a record that Wireshark counts as a frame though it is no packet: custom blocks of pcapng,
// systemd's journal, sysdig's events. Data is empty.
const NoLink = 1<<32 - 1

// Clone is a copy that stays valid.
func (f *Frame) Clone() *Frame {
	c := *f
	c.Data = bytes.Clone(f.Data)
	return &c
}

// Interface describes a capture interface. A pcap file has one, without a name.
type Interface struct {
	Name        string // if_name
	Description string // if_description
	Hardware    string // if_hardware
	Comment     string
	Link        uint32 // LINKTYPE_ number
	SnapLen     uint32 // most bytes captured of a frame; 0 is no limit
	Section     int    // pcapng section it belongs to, from 0
	Source      int    // index of the source it came from, after a Merge
}
