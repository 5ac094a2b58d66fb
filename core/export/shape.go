package export

// Shape is what a record has: records of one shape have values of the same fields, but for texts and lists that may be
// empty. There are few shapes in a capture.
type Shape struct {
	carried   uint16 // MPTCP option subtypes of the packet
	lone      bool   // a DSS that was read is its only MPTCP option
	packet    bool   // the record is a packet, whose numbers are:
	settled   bool   // see Record
	has, many uint64 // see trace.Numbers
}

// mostShapes is how many shapes need be remembered: more than any ordinary capture has.
const mostShapes = 1 << 12

// Shape is the record's. packet says that it is of the packets table.
func (r *Record) Shape(packet bool) Shape {
	if r.Row == nil || r.Option != nil {
		return Shape{carried: ^uint16(0)}
	}
	if !packet {
		r.Whole()
		return Shape{carried: r.Row.Carried(), lone: r.Row.Lone()}
	}
	n := &r.Numbers
	return Shape{carried: n.Carried, lone: n.Lone, packet: true, settled: r.settled, has: n.Has, many: n.Many}
}

// slot is a number below 1<<bits that few other shapes have.
func (s *Shape) slot(bits int) uint64 {
	return (s.has ^ s.many ^ uint64(s.carried)<<40) * 0x9e3779b97f4a7c15 >> (64 - bits)
}

// Role is how records of a shape have the value of a field.
type Role uint8

// Roles of fields.
const (
	Absent  Role = iota // they have none
	Counted             // it is the number at Field.Place - 1 of Record.Numbers, and no other
	Asked               // the field is to be asked, once Record.Whole was called
)

// IsAlike says that records of a shape that have the same key Field.By have the same value.
func (f *Field) IsAlike(s *Shape) bool {
	return s.packet && (f.Alike == Always || f.Alike == InLoaded && s.settled)
}

// Role is how records of a shape have the field's value.
func (f *Field) Role(s *Shape) Role {
	at, ofOptions := f.Place-1, f.column != nil && f.column.Values != nil
	switch {
	case f.subtypes != 0 && f.subtypes&s.carried == 0:
		return Absent
	case at < 0 || !s.packet || ofOptions && !s.lone || s.many>>(at&63)&1 != 0:
		return Asked
	case s.has>>(at&63)&1 != 0:
		return Counted
	}
	return Absent
}

// Plans remembers what was planned for shapes.
type Plans[P any] struct {
	all    map[Shape]*P
	recent [1 << recentBits]recentPlan[P]
}

type recentPlan[P any] struct {
	shape Shape
	plan  *P
}

// recentBits is the logarithm of how many plans are found without asking the map.
const recentBits = 6

// Of is the plan for a shape, by of if there is none yet.
func (p *Plans[P]) Of(s *Shape, of func(*Shape) *P) *P {
	recent := &p.recent[s.slot(recentBits)]
	if recent.plan != nil && recent.shape == *s {
		return recent.plan
	}
	plan := p.all[*s]
	if plan == nil {
		if p.all == nil || len(p.all) >= mostShapes {
			p.all = map[Shape]*P{}
		}
		plan = of(s)
		p.all[*s] = plan
	}
	*recent = recentPlan[P]{*s, plan}
	return plan
}
