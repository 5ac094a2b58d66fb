package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"unsafe"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/memory"
)

// errDamaged is the answer to bytes that no Write made.
var errDamaged = errors.New("the bytes do not fit together")

// Read makes the values again and sets root, a pointer to a pointer, to them. size is how many bytes r gives: memory is
// bounded by it. It fails with an error of r, or where the bytes do not fit together; root is as it was then.
func Read(r io.Reader, root any, types Types, size int64) (err error) {
	v := reflect.ValueOf(root)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Pointer {
		return errors.New("snapshot: a pointer to a pointer is wanted")
	}
	defer func() {
		if p := recover(); p != nil { // only bytes that were changed on purpose get here
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	s := &reader{r: bufio.NewReaderSize(r, Stretch), plans: newPlans(v.Type().Elem(), types), room: mostGrowth * uint64(max(size, 1))}
	s.table()
	at := s.ref(s.plans.plan(v.Type().Elem().Elem()), 1)
	for i := 0; i < len(s.objects) && s.err == nil; i++ {
		s.object(&s.objects[i])
	}
	if s.err == nil && at == nil {
		s.err = errDamaged
	}
	if s.err != nil {
		return s.err
	}
	v.Elem().Set(reflect.NewAt(v.Type().Elem().Elem(), at))
	return nil
}

// mostGrowth is how much more memory than bytes there may be: a nil slice is a byte, and 24 in memory.
const mostGrowth = 64

// reader makes memory and fills it.
type reader struct {
	r       *bufio.Reader
	plans   *plans
	objects []span
	room    uint64 // bytes of memory that may still be made
	err     error
}

func (s *reader) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *reader) uint() uint64 {
	if s.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(s.r)
	if err != nil {
		s.fail(err)
		return 0
	}
	return v
}

// take counts memory that is made.
func (s *reader) take(count uint64, size uintptr) bool {
	if size == 0 || count > s.room/uint64(size) {
		s.fail(errDamaged)
		return false
	}
	s.room -= count * uint64(size)
	return true
}

// table makes the objects, empty.
func (s *reader) table() {
	n := s.uint()
	for i := uint64(0); i < n && s.err == nil; i++ {
		id, count := s.uint(), s.uint()
		if s.err != nil || id >= uint64(len(s.plans.list)) || count == 0 || !s.take(count, s.plans.list[id].size) {
			s.fail(errDamaged)
			return
		}
		s.objects = append(s.objects, span{plan: s.plans.list[id], count: int(count)})
	}
	for i := 0; i < len(s.objects); {
		i += s.place(s.objects[i:])
	}
}

// place makes the memory of the first of the objects, and with it of those after it that are numbers of the same type: a
// trace has many blocks of rows, which are best had as one. It returns how many have their memory.
func (s *reader) place(objects []span) int {
	p, n, count := objects[0].plan, 1, objects[0].count
	for ; p.flat && n < len(objects) && objects[n].plan == p; n++ {
		count += objects[n].count
	}
	at := reflect.MakeSlice(reflect.SliceOf(p.typ), count, count).UnsafePointer()
	if p.flat {
		memory.AdviseLarge(unsafe.Slice((*byte)(at), uintptr(count)*p.size))
	}
	for i := range objects[:n] {
		objects[i].base = at
		if i < n-1 {
			at = unsafe.Add(at, objects[i].size())
		}
	}
	return n
}

// ref reads a pointer to count values of a type.
func (s *reader) ref(p *plan, count int) unsafe.Pointer {
	i := s.uint()
	if i == 0 {
		return nil
	}
	offset := s.uint()
	if s.err != nil || i > uint64(len(s.objects)) {
		s.fail(errDamaged)
		return nil
	}
	o := &s.objects[i-1]
	if size := uint64(o.size()); offset > size || uint64(count) > (size-offset)/uint64(p.size) || !s.fits(o, offset, p) {
		s.fail(errDamaged)
		return nil
	}
	return unsafe.Add(o.base, offset)
}

// fits keeps pointers from being read as numbers and the other way round: a stretch that holds pointers is only pointed
// into where a value of that type begins.
func (s *reader) fits(o *span, offset uint64, p *plan) bool {
	if o.plan == p {
		return offset%uint64(p.size) == 0
	}
	if o.plan.flat || p.flat {
		return o.plan.flat == p.flat || p.flat && flatAt(o.plan, uintptr(offset)%o.plan.size, p.size)
	}
	return hasAt(o.plan.typ, uintptr(offset)%o.plan.size, p.typ)
}

// flatAt says whether a stretch of a value holds no pointers.
func flatAt(p *plan, offset, size uintptr) bool {
	for i := range p.ops {
		o := &p.ops[i]
		switch {
		case o.kind == opFlat && offset >= o.offset && offset+size <= o.offset+o.size:
			return true
		case o.kind == opArray && offset >= o.offset && offset+size <= o.offset+uintptr(o.count)*o.of.size:
			return flatAt(o.of, (offset-o.offset)%o.of.size, size)
		}
	}
	return false
}

// hasAt says whether a value of type t has one of type want at an offset.
func hasAt(t reflect.Type, offset uintptr, want reflect.Type) bool {
	if offset == 0 && t == want {
		return true
	}
	switch t.Kind() {
	case reflect.Array:
		return t.Elem().Size() > 0 && offset < t.Size() && hasAt(t.Elem(), offset%t.Elem().Size(), want)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if offset >= f.Offset && offset < f.Offset+f.Type.Size() && hasAt(f.Type, offset-f.Offset, want) {
				return true
			}
		}
	}
	return false
}

func (s *reader) bytes(at unsafe.Pointer, size uintptr) {
	if s.err != nil {
		return
	}
	if _, err := io.ReadFull(s.r, unsafe.Slice((*byte)(at), size)); err != nil {
		s.fail(err)
	}
}

func (s *reader) object(o *span) {
	if o.plan.flat {
		s.bytes(o.base, o.size())
		return
	}
	for i := 0; i < o.count && s.err == nil; i++ {
		s.value(unsafe.Add(o.base, uintptr(i)*o.plan.size), o.plan)
	}
}

func (s *reader) value(at unsafe.Pointer, p *plan) {
	if p.flat {
		s.bytes(at, p.size)
		return
	}
	for i := range p.ops {
		s.step(&p.ops[i], unsafe.Add(at, p.ops[i].offset))
	}
}

func (s *reader) step(o *op, field unsafe.Pointer) {
	switch o.kind {
	case opFlat:
		s.bytes(field, o.size)
	case opPointer:
		if o.of.size > 0 {
			*(*unsafe.Pointer)(field) = s.ref(o.of, 1)
		} else {
			s.uint()
		}
	case opSlice:
		s.slice(o, field)
	case opString:
		*(*string)(field) = string(s.text())
	case opMap:
		s.pairs(o, field)
	case opInterface:
		s.iface(o, field)
	case opAddr:
		if err := (*netip.Addr)(field).UnmarshalBinary(s.text()); err != nil {
			s.fail(errDamaged)
		}
	case opArray:
		for k := range o.count {
			s.value(unsafe.Add(field, uintptr(k)*o.of.size), o.of)
		}
	}
}

// text reads bytes after their length.
func (s *reader) text() []byte {
	n := s.uint()
	if n == 0 || !s.take(n, 1) {
		return nil
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(s.r, text); err != nil {
		s.fail(err)
	}
	return text
}

func (s *reader) slice(o *op, field unsafe.Pointer) {
	n := s.uint()
	if n == 0 || s.err != nil {
		return
	}
	n--
	if n > 1<<40 {
		s.fail(errDamaged)
		return
	}
	made := reflect.MakeSlice(o.typ, 0, 0)
	if n > 0 && o.of.size > 0 {
		at := s.ref(o.of, int(n))
		if at == nil {
			s.fail(errDamaged)
			return
		}
		made = reflect.SliceAt(o.of.typ, at, int(n)).Convert(o.typ)
	} else if n > 0 {
		made = reflect.MakeSlice(o.typ, int(n), int(n))
	}
	reflect.NewAt(o.typ, field).Elem().Set(made)
}

func (s *reader) pairs(o *op, field unsafe.Pointer) {
	n := s.uint()
	if n == 0 || s.err != nil {
		return
	}
	m := reflect.MakeMap(o.typ)
	for i := uint64(1); i < n && s.take(1, o.key.size+o.of.size+1); i++ {
		key, value := reflect.New(o.key.typ), reflect.New(o.of.typ)
		s.value(key.UnsafePointer(), o.key)
		s.value(value.UnsafePointer(), o.of)
		m.SetMapIndex(key.Elem(), value.Elem())
	}
	reflect.NewAt(o.typ, field).Elem().Set(m)
}

func (s *reader) iface(o *op, field unsafe.Pointer) {
	number := s.uint()
	if number == 0 || s.err != nil {
		return
	}
	if number > uint64(len(s.plans.known)) || !s.plans.known[number-1].AssignableTo(o.typ) {
		s.fail(errDamaged)
		return
	}
	t := s.plans.known[number-1]
	at := s.ref(s.plans.plan(t.Elem()), 1)
	reflect.NewAt(o.typ, field).Elem().Set(reflect.NewAt(t.Elem(), at))
}
