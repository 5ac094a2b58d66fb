// Package capture reads pcap and pcapng by pushed chunks: Feed bytes in, frames come out. It knows no protocol.
package capture

// Frame is one captured frame. Data is valid until the callback returns.
type Frame struct {
	Number    uint32 // 1… in file order
	Time      int64  // ns since the epoch
	Interface uint32 // index into the reader's interfaces
	Link      uint32 // LINKTYPE_ number of its interface
	Data      []byte
	Length    uint32 // original length on the wire
	Comment   string // pcapng comment, usually empty
}

// Interface describes a capture interface.
type Interface struct {
	Name        string
	Description string
	Link        uint32
	SnapLen     uint32
}
