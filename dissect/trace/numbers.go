package trace

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// Numbers are the numbers of a row, those that it has, each at the place of its column in Columns: for who wants most of
// them, which takes a third of the time of asking column by column. Row.Numbers and NumberPass read them.
type Numbers struct {
	At      [64]uint64
	Has     uint64 // a bit for each place of At that holds a number
	Many    uint64 // a bit for each place whose column is a list of packets, and has several
	Carried uint16 // see Row.Carried
	Lone    bool   // see Row.Lone
	// Keys of what is no number, but the same for many rows.
	By [Keys]uint32
}

// Key names what rows have in common: those of one capture whose Numbers.By is the same, and not 0, are alike in it.
type Key uint8

// The keys.
const (
	ByFlow      Key = iota // the stream, and which of its ends sent the row
	ByHeader               // the TCP flags and the option kinds
	ByInterface            // the capture interface
	Keys
)

// headerKey is the key of flags and of the number of a form of headers, 0 if the form has none of its own.
func headerKey(flags uint16, kinds uint8) uint32 {
	if kinds == overflow {
		return 0
	}
	return 1<<31 | uint32(flags&tcpFlags)<<8 | uint32(kinds)
}

// Places of columns in columns.
const (
	atPacketID = 0
	atRelTime  = 2
	atAbsTime  = 3
	atStream   = 8
	atSrcPort  = 9
	atDstPort  = 10
	atWindow   = 11
	atFlags    = 12
	atSeq      = 14
	atLen      = 15
	atAck      = 16
	atTSVal    = 17
	atTSEcr    = 18
	atToken    = 19
	atConn     = 20
	atFIN      = 24
	atSubtype  = 26
	atDSSDSN   = 27
	atDSSAck   = 28
	atDSSSSN   = 29
	atDSSLen   = 30
	atDSN      = 32
	atRelDACK  = 33
	atRelDSN   = 34
	atRelated  = 35
	atBefore   = 36
	atAfter    = 37
)

// always are the columns that every row has.
const always = 1<<atPacketID | 1<<atStream | 1<<atSrcPort | 1<<atDstPort | 1<<atWindow | 1<<atFlags | 1<<atSeq | 1<<atAck

// Numbered are the places that numbers may stand at.
const Numbered = always | 1<<atRelTime | 1<<atAbsTime | 1<<atLen | 1<<atTSVal | 1<<atTSEcr | 1<<atToken | 1<<atConn |
	1<<atDSN | 1<<atRelDACK | 1<<atRelDSN | 1<<atRelated | 1<<atBefore | 1<<atAfter | ofDSS

// ofDSS are those that stand in a DSS.
const ofDSS = 1<<atFIN | 1<<atSubtype | 1<<atDSSDSN | 1<<atDSSAck | 1<<atDSSSSN | 1<<atDSSLen

// Lone says that a DSS that was read is the row's only MPTCP option, so that Row.DSS is all that its options say.
func (r *Row) Lone() bool { return r.HasDSS && len(r.Options) == 1 && len(r.Options[0]) >= 4 }

// Carried is the set of subtypes of the row's MPTCP options, as bits; all of them where one is too short to have any.
func (r *Row) Carried() uint16 {
	var set uint16
	for _, o := range r.Options {
		s := o.Subtype()
		if s > 15 {
			return anySubtype
		}
		set |= 1 << s
	}
	return set
}

// Numbers reads the row's numbers. Of the columns that stand in MPTCP options it reads those of a DSS, and only where that
// is the only option, by Lone; there a number is all that its column has, as it is of lists.
func (r *Row) Numbers(n *Numbers) {
	n.At[atPacketID] = uint64(r.ID)
	n.At[atRelTime], n.At[atAbsTime] = uint64(r.RelTime), uint64(r.Time)
	n.At[atStream], n.At[atSrcPort], n.At[atDstPort] = uint64(r.Stream), uint64(r.Src.Port()), uint64(r.Dst.Port())
	n.At[atWindow], n.At[atFlags] = uint64(r.Window), uint64(r.Flags)
	n.At[atSeq], n.At[atLen], n.At[atAck] = uint64(r.Seq), uint64(r.Len), uint64(r.Ack)
	n.At[atTSVal], n.At[atTSEcr] = uint64(r.TSVal), uint64(r.TSEcr)
	n.At[atToken], n.At[atConn] = uint64(r.ExpectedToken), uint64(r.ConnID)
	n.At[atDSN], n.At[atRelDACK], n.At[atRelDSN] = r.DSN, r.RelDACK, r.RelDSN
	timed := bit(!r.NoTime)
	n.Has = always | timed<<atRelTime | timed<<atAbsTime | bit(!r.NoLen)<<atLen | bit(r.HasTS)<<atTSVal | bit(r.HasTSEcr)<<atTSEcr |
		bit(r.HasToken)<<atToken | bit(r.InConn)<<atConn |
		bit(r.HasDSN && !r.Low32)<<atDSN | bit(r.HasRelDACK)<<atRelDACK | bit(r.HasRelDSN)<<atRelDSN
	n.Many, n.Carried, n.Lone = 0, r.Carried(), r.Lone()
	n.By = [Keys]uint32{ByFlow: r.flow, ByHeader: r.header, ByInterface: r.Interface + 1}
	n.list(atRelated, r.RelatedMappings)
	n.list(atBefore, r.ReinjectionOf)
	n.list(atAfter, r.ReinjectedIn)
	if !n.Lone {
		return
	}
	d := &r.DSS
	n.At[atFIN], n.At[atSubtype] = bit(d.DataFIN), uint64(mptcp.SubDSS)
	n.At[atDSSDSN], n.At[atDSSAck], n.At[atDSSSSN], n.At[atDSSLen] = d.DSN, d.Ack, uint64(d.SSN), uint64(d.Length)
	n.Has |= 1<<atFIN | 1<<atSubtype | bit(d.HasDSN)<<atDSSDSN | bit(d.HasAck)<<atDSSAck | bit(d.HasSSN)<<atDSSSSN | bit(d.HasMapping)<<atDSSLen
}

// list sets the number of a list that has one.
func (n *Numbers) list(at int, list []uint32) {
	switch len(list) {
	case 0:
	case 1:
		n.At[at&63] = uint64(list[0])
		n.Has |= 1 << at
	default:
		n.Many |= 1 << at
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
