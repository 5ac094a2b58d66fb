package trace

import (
	"net/netip"
	"strconv"
)

// number makes a column's text form from its number.
func number(value func(*Context, *Row) (uint64, bool)) func([]byte, *Context, *Row) []byte {
	return func(dst []byte, t *Context, r *Row) []byte {
		v, ok := value(t, r)
		if !ok {
			return dst
		}
		return strconv.AppendUint(dst, v, 10)
	}
}

func packetID(_ *Context, r *Row) (uint64, bool)   { return uint64(r.ID), true }
func tcpStream(_ *Context, r *Row) (uint64, bool)  { return uint64(r.Stream), true }
func sourcePort(_ *Context, r *Row) (uint64, bool) { return uint64(r.Src.Port()), true }
func destPort(_ *Context, r *Row) (uint64, bool)   { return uint64(r.Dst.Port()), true }
func window(_ *Context, r *Row) (uint64, bool)     { return uint64(r.Window), true }
func tcpFlagsOf(_ *Context, r *Row) (uint64, bool) { return uint64(r.Flags), true }
func tcpSeq(_ *Context, r *Row) (uint64, bool)     { return uint64(r.Seq), true }
func tcpLen(_ *Context, r *Row) (uint64, bool)     { return uint64(r.Len), !r.NoLen }
func tcpAck(_ *Context, r *Row) (uint64, bool)     { return uint64(r.Ack), true }
func tsVal(_ *Context, r *Row) (uint64, bool)      { return uint64(r.TSVal), r.HasTS }
func tsEcr(_ *Context, r *Row) (uint64, bool)      { return uint64(r.TSEcr), r.HasTSEcr }
func relTime(_ *Context, r *Row) (uint64, bool)    { return uint64(r.RelTime), !r.NoTime }
func absTime(_ *Context, r *Row) (uint64, bool)    { return uint64(r.Time), !r.NoTime }

func expectedToken(_ *Context, r *Row) (uint64, bool) { return uint64(r.ExpectedToken), r.HasToken }
func mptcpStream(_ *Context, r *Row) (uint64, bool)   { return uint64(r.ConnID), r.InConn }
func rawDSN(_ *Context, r *Row) (uint64, bool)        { return r.DSN, r.HasDSN && !r.Low32 }
func relDSN(_ *Context, r *Row) (uint64, bool)        { return r.RelDSN, r.HasRelDSN }
func relDACK(_ *Context, r *Row) (uint64, bool)       { return r.RelDACK, r.HasRelDACK }

func appendInterface(dst []byte, t *Context, r *Row) []byte {
	if int(r.Interface) >= len(t.Interfaces) {
		return dst
	}
	return append(dst, t.Interfaces[r.Interface].Name...)
}

func appendRelTime(dst []byte, _ *Context, r *Row) []byte { return appendTime(dst, r.RelTime, r) }
func appendAbsTime(dst []byte, _ *Context, r *Row) []byte { return appendTime(dst, r.Time, r) }

func appendTime(dst []byte, ns int64, r *Row) []byte {
	if r.NoTime {
		return dst
	}
	return appendSeconds(dst, ns)
}

// appendSeconds writes nanoseconds as seconds with nine decimals.
func appendSeconds(dst []byte, ns int64) []byte {
	v := uint64(ns)
	if ns < 0 {
		dst = append(dst, '-')
		v = -v
	}
	dst = strconv.AppendUint(dst, v/1e9, 10)
	dst = append(dst, '.')
	start := len(dst)
	dst = append(dst, "000000000"...)
	for i, f := start+8, v%1e9; f > 0; i, f = i-1, f/10 {
		dst[i] = '0' + byte(f%10)
	}
	return dst
}

func appendSrc(dst []byte, _ *Context, r *Row) []byte { return r.Src.Addr().AppendTo(dst) }
func appendDst(dst []byte, _ *Context, r *Row) []byte { return r.Dst.Addr().AppendTo(dst) }

func appendSrcHost(dst []byte, _ *Context, r *Row) []byte { return appendIPv4(dst, r.Src.Addr()) }
func appendDstHost(dst []byte, _ *Context, r *Row) []byte { return appendIPv4(dst, r.Dst.Addr()) }

func appendIPv4(dst []byte, a netip.Addr) []byte {
	if !a.Is4() {
		return dst
	}
	return a.AppendTo(dst)
}

func appendFlags(dst []byte, _ *Context, r *Row) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '0', 'x', '0', hex[r.Flags>>8&15], hex[r.Flags>>4&15], hex[r.Flags&15])
}

func appendKinds(dst []byte, _ *Context, r *Row) []byte {
	for i, k := range r.OptionKinds {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(k), 10)
	}
	return dst
}

func appendRelated(dst []byte, _ *Context, r *Row) []byte { return appendList(dst, r.RelatedMappings) }
func appendReinjectionOf(dst []byte, _ *Context, r *Row) []byte {
	return appendList(dst, r.ReinjectionOf)
}
func appendReinjectedIn(dst []byte, _ *Context, r *Row) []byte {
	return appendList(dst, r.ReinjectedIn)
}

func appendList(dst []byte, list []uint32) []byte {
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(v), 10)
	}
	return dst
}
