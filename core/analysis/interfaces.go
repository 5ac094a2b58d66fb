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

// Interfaces lists the interfaces of a capture and what was seen on each. Packets and bytes are those of streams whose
// first packet was captured there.
func Interfaces(t *trace.Trace) *display.Table {
	use := make([]interfaceUse, len(t.Interfaces))
	for i := range use {
		use[i].number = uint64(i)
	}
	for i := range t.Streams {
		s := &t.Streams[i]
		if int(s.Interface) >= len(use) {
			continue
		}
		u := &use[s.Interface]
		u.streams++
		for _, d := range s.Toward {
			u.packets += d.Packets
			u.bytes += d.Bytes
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
	{display.Column{Key: "streams", Head: "TCP streams", Doc: "whose first packet was captured here"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.streams)
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "of those streams"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.packets)
	}},
	{display.Column{Key: "bytes", Head: "Bytes", Unit: display.Bytes, Doc: "TCP payload of those streams"}, func(_ *trace.Trace, u interfaceUse) display.Value {
		return display.Uint(u.bytes)
	}},
}
