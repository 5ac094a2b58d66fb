// Package frames writes the selected packets of a capture as pcapng, with gopacket's writer: the interfaces of the
// capture, the bytes as captured, times to the nanosecond, and a comment on each packet of a connection that names its
// connection and subflow. It is for native programs:
//
//	job, err := export.NewJob(q, append(export.Formats(), frames.Format()))
//
// The writer is that of gopacket's maintained fork: google/gopacket 1.1.19 writes no comments on packets.
//
// It writes the table of packets only, whose fields it does not need, and needs the capture's frames (Writing.Trace).
package frames

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Format is pcapng.
func Format() export.Format {
	return export.Format{Name: "pcapng", Extensions: []string{".pcapng"}, Doc: "the packets themselves, with comments", Frames: true, Open: open}
}

// encoder writes packets.
type encoder struct {
	out  io.Writer
	info pcapgo.NgSectionInfo
	w    *pcapgo.NgWriter
	ids  map[wire]int // interfaces that the output has
}

// wire is what an interface of the output is known by.
type wire struct {
	capture *export.Origin
	index   uint32
	link    uint32
}

func open(w io.Writer, o export.Output) (export.Encoder, error) {
	if len(o.Sheets) != 1 || o.Sheets[0].Table.Name != "packets" {
		return nil, errors.New("pcapng holds packets, no other table")
	}
	return &encoder{out: w, ids: map[wire]int{}, info: pcapgo.NgSectionInfo{Application: "mptcpanalyzer " + o.Meta["version"]}}, nil
}

// Add writes a packet.
func (e *encoder) Add(_ int, r *export.Record) error {
	f := r.Frame
	if f == nil {
		return errors.New("pcapng needs the capture's frames")
	}
	id, err := e.interfaceOf(r)
	if err != nil {
		return err
	}
	at := f.Time
	if f.NoTime {
		at = 0
	}
	info := gopacket.CaptureInfo{Timestamp: time.Unix(0, at), CaptureLength: len(f.Data), Length: max(int(f.Length), len(f.Data)), InterfaceIndex: id}
	var options pcapgo.NgPacketOptions
	if f.Comment != "" && !r.Masked {
		options.Comments = append(options.Comments, f.Comment)
	}
	if text := comment(r.Row); text != "" {
		options.Comments = append(options.Comments, text)
	}
	return e.w.WritePacketWithOptions(info, f.Data, options)
}

// comment names the connection and the subflow of a packet.
func comment(r *trace.Row) string {
	if r == nil || !r.InConn {
		return ""
	}
	text := fmt.Sprintf("mptcp connection %d, subflow %d (tcp.stream %d), to %s", r.ConnID, r.Ordinal, r.Stream, r.ConnDest)
	for i, of := range r.ReinjectionOf {
		if i == 0 {
			text += ", again after packet"
		} else {
			text += ","
		}
		text += fmt.Sprintf(" %d", of)
	}
	if len(r.ReinjectionOf) > 0 {
		text += " on another subflow"
	}
	return text
}

// interfaceOf is the output's interface for a packet's, which is added when its first packet comes.
func (e *encoder) interfaceOf(r *export.Record) (int, error) {
	key := wire{capture: r.Capture, index: r.Frame.Interface, link: r.Frame.Link}
	if id, known := e.ids[key]; known {
		return id, nil
	}
	if r.Frame.Link > math.MaxUint16 {
		return 0, fmt.Errorf("link type %d does not fit in pcapng", r.Frame.Link)
	}
	in := pcapgo.NgInterface{LinkType: layers.LinkType(r.Frame.Link)}
	if int(key.index) < len(r.Context.Interfaces) {
		in.Name = r.Context.Interfaces[key.index].Name
	}
	id, err := len(e.ids), error(nil)
	if e.w == nil {
		e.w, err = pcapgo.NewNgWriterInterface(e.out, in, pcapgo.NgWriterOptions{SectionInfo: e.info})
	} else {
		id, err = e.w.AddInterface(in)
	}
	e.ids[key] = id
	return id, err
}

// Close writes what is left. A file without packets is one without interfaces, too.
func (e *encoder) Close() error {
	if e.w == nil {
		w, err := pcapgo.NewNgWriterInterface(e.out, pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet}, pcapgo.NgWriterOptions{SectionInfo: e.info})
		if err != nil {
			return err
		}
		e.w = w
	}
	return e.w.Flush()
}
