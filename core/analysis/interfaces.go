package analysis

import (
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// interfaceUse is what was captured on an interface.
type interfaceUse struct {
	number, streams, packets, bytes uint64
}

// Interfaces lists the interfaces of a capture and what was seen on each.
func Interfaces(t *trace.Trace) *display.Table {
	use := make([]interfaceUse, len(t.Interfaces))
	for i := range use {
		use[i].number = uint64(i)
	}
	seen := make([]uint32, len(use)) // the last stream that was seen there, and one
	for i := range t.Streams {
		id := t.Streams[i].ID
		for _, row := range t.StreamRows(id) {
			in := t.InterfaceOf(row)
			if int(in) >= len(use) {
				continue
			}
			u := &use[in]
			u.packets++
			u.bytes += uint64(t.PayloadLen(row))
			if seen[in] != id+1 {
				seen[in] = id + 1
				u.streams++
			}
		}
	}
	list := table(t, interfaceFields, len(use), func(row int) interfaceUse { return use[row] })
	list.Name, list.Title = "interfaces", "Interfaces of the capture"
	list.Empty = "the capture names no interface"
	return list
}

var interfaceFields = []field[interfaceUse]{
	{id("interface_id", "No", "frame.interface_id"), func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.number)
	}},
	{display.Column{Key: "interface", Head: "Name", Wide: true, Doc: "as the capture says it; a pcap file has no names"}, func(t *trace.Trace, u interfaceUse) display.Value {
		if t.Interfaces[u.number].Name == "" {
			return display.Value{}
		}
		return display.Str(t.Interfaces[u.number].Name)
	}},
	{display.Column{Key: "link", Head: "Link layer", Doc: "how its frames begin"}, func(t *trace.Trace, u interfaceUse) display.Value {
		link := t.Interfaces[u.number].Link
		if name := packet.LinkName(link); name != "" {
			return display.Str(name)
		}
		return display.Str("LINKTYPE " + strconv.FormatUint(uint64(link), 10))
	}},
	{display.Column{Key: "streams", Head: "TCP streams", Doc: "that have packets here"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.streams)
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "TCP packets that were captured here"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.packets)
	}},
	{display.Column{Key: "bytes", Head: "Bytes", Unit: display.Bytes, Doc: "their TCP payload"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.bytes)
	}},
}
