package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"sort"
	"unsafe"
)

// Stretch is how many bytes are gathered at most before they are written. More of them that lie together in memory are
// written with one call, of their own, and read with one of a reader that gives as many: neither copies them.
const Stretch = 1 << 16

// Write writes what root, a pointer, points to. Its errors are those of w.
func Write(w io.Writer, root any, types Types) error {
	v := reflect.ValueOf(root)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errors.New("snapshot: a pointer is wanted")
	}
	s := &writer{w: bufio.NewWriterSize(w, Stretch), plans: newPlans(v.Type(), types), ranges: map[unsafe.Pointer]span{}}
	p := s.plans.plan(v.Type().Elem())
	s.meet(v.UnsafePointer(), p, 1)
	s.number()
	s.table()
	s.ref(v.UnsafePointer())
	for i := range s.objects {
		s.object(&s.objects[i])
	}
	return s.w.Flush()
}

// span is a stretch of memory: count values of a type.
type span struct {
	base  unsafe.Pointer
	plan  *plan
	count int
}

func (s *span) size() uintptr { return s.plan.size * uintptr(s.count) }

// writer collects the memory that can be reached, then writes it.
type writer struct {
	w       *bufio.Writer
	plans   *plans
	ranges  map[unsafe.Pointer]span // the longest at each address
	objects []span                  // those that lie in no other, by address
	scratch [binary.MaxVarintLen64]byte
}

// meet notes memory, and what can be reached from it.
func (s *writer) meet(base unsafe.Pointer, p *plan, count int) {
	if base == nil || count == 0 || p.size == 0 {
		return
	}
	found := span{base: base, plan: p, count: count}
	first := 0
	if old, ok := s.ranges[base]; ok {
		if old.size() >= found.size() {
			return
		}
		if old.plan == p {
			first = old.count // the rest is new
		}
	}
	s.ranges[base] = found
	if p.flat {
		return
	}
	for i := first; i < count; i++ {
		s.visit(unsafe.Add(base, uintptr(i)*p.size), p)
	}
}

// visit meets what a value points to.
func (s *writer) visit(at unsafe.Pointer, p *plan) {
	for i := range p.ops {
		o := &p.ops[i]
		field := unsafe.Add(at, o.offset)
		switch o.kind {
		case opPointer:
			s.meet(*(*unsafe.Pointer)(field), o.of, 1)
		case opSlice:
			v := reflect.NewAt(o.typ, field).Elem()
			s.meet(v.UnsafePointer(), o.of, v.Len())
		case opMap:
			s.visitMap(reflect.NewAt(o.typ, field).Elem(), o)
		case opArray:
			for k := range o.count {
				s.visit(unsafe.Add(field, uintptr(k)*o.of.size), o.of)
			}
		case opInterface:
			if _, held, p := s.dynamic(o, field); p != nil {
				s.meet(held, p, 1)
			}
		}
	}
}

// visitMap meets what the values of a map point to. They are copied first: a map's memory has no address.
func (s *writer) visitMap(m reflect.Value, o *op) {
	if o.of.flat && o.key.flat {
		return
	}
	s.eachPair(m, o, func(key, value unsafe.Pointer) {
		s.visit(key, o.key)
		s.visit(value, o.of)
	})
}

func (s *writer) eachPair(m reflect.Value, o *op, f func(key, value unsafe.Pointer)) {
	key, value := reflect.New(o.key.typ), reflect.New(o.of.typ)
	for i := m.MapRange(); i.Next(); {
		key.Elem().SetIterKey(i)
		value.Elem().SetIterValue(i)
		f(key.UnsafePointer(), value.UnsafePointer())
	}
}

// dynamic is the number of the known type that an interface holds, the pointer in it, and the plan of what it points to.
func (s *writer) dynamic(o *op, field unsafe.Pointer) (number int, held unsafe.Pointer, p *plan) {
	v := reflect.NewAt(o.typ, field).Elem().Elem()
	if v.IsValid() && v.Kind() == reflect.Pointer {
		for i, t := range s.plans.known {
			if t == v.Type() {
				return i + 1, v.UnsafePointer(), s.plans.plan(t.Elem())
			}
		}
	}
	return 0, nil, nil
}

// number puts the memory in order: what lies within another stretch is part of that.
func (s *writer) number() {
	all := make([]span, 0, len(s.ranges))
	for _, r := range s.ranges {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return uintptr(all[i].base) < uintptr(all[j].base) })
	end := uintptr(0)
	for _, r := range all {
		if last := uintptr(r.base) + r.size(); last > end {
			s.objects, end = append(s.objects, r), last
		}
	}
	s.ranges = nil
}

// table tells the objects.
func (s *writer) table() {
	s.uint(uint64(len(s.objects)))
	for i := range s.objects {
		s.uint(uint64(s.objects[i].plan.id))
		s.uint(uint64(s.objects[i].count))
	}
}

func (s *writer) uint(v uint64) {
	s.w.Write(s.scratch[:binary.PutUvarint(s.scratch[:], v)]) // errors stay until Flush
}

// ref writes a pointer: the object it points into, from 1, and where; 0 is nil.
func (s *writer) ref(at unsafe.Pointer) {
	i := sort.Search(len(s.objects), func(i int) bool { return uintptr(s.objects[i].base) > uintptr(at) }) - 1
	if at == nil || i < 0 || uintptr(at) >= uintptr(s.objects[i].base)+s.objects[i].size() {
		s.uint(0)
		return
	}
	s.uint(uint64(i + 1))
	s.uint(uint64(uintptr(at) - uintptr(s.objects[i].base)))
}

func (s *writer) object(o *span) {
	if o.plan.flat {
		if o.size() > Stretch {
			s.w.Flush() // errors stay until the last one
		}
		s.w.Write(unsafe.Slice((*byte)(o.base), o.size()))
		return
	}
	for i := range o.count {
		s.value(unsafe.Add(o.base, uintptr(i)*o.plan.size), o.plan)
	}
}

func (s *writer) value(at unsafe.Pointer, p *plan) {
	if p.flat {
		s.w.Write(unsafe.Slice((*byte)(at), p.size))
		return
	}
	for i := range p.ops {
		s.step(&p.ops[i], unsafe.Add(at, p.ops[i].offset))
	}
}

func (s *writer) step(o *op, field unsafe.Pointer) {
	switch o.kind {
	case opFlat:
		s.w.Write(unsafe.Slice((*byte)(field), o.size))
	case opPointer:
		s.ref(*(*unsafe.Pointer)(field))
	case opSlice:
		s.slice(reflect.NewAt(o.typ, field).Elem(), o)
	case opString:
		text := *(*string)(field)
		s.uint(uint64(len(text)))
		s.w.WriteString(text)
	case opMap:
		m := reflect.NewAt(o.typ, field).Elem()
		if m.IsNil() {
			s.uint(0)
			return
		}
		s.uint(uint64(m.Len()) + 1)
		s.eachPair(m, o, func(key, value unsafe.Pointer) {
			s.value(key, o.key)
			s.value(value, o.of)
		})
	case opInterface:
		number, held, _ := s.dynamic(o, field)
		s.uint(uint64(number))
		if number > 0 {
			s.ref(held)
		}
	case opAddr:
		text, _ := (*netip.Addr)(field).MarshalBinary() // it never fails
		s.uint(uint64(len(text)))
		s.w.Write(text)
	case opArray:
		for k := range o.count {
			s.value(unsafe.Add(field, uintptr(k)*o.of.size), o.of)
		}
	}
}

// slice writes a length plus 1, 0 for nil, and where it lies.
func (s *writer) slice(v reflect.Value, o *op) {
	if v.IsNil() {
		s.uint(0)
		return
	}
	s.uint(uint64(v.Len()) + 1)
	if v.Len() > 0 && o.of.size > 0 {
		s.ref(v.UnsafePointer())
	}
}
