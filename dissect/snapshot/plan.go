package snapshot

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"reflect"
	"runtime"
)

// plan is how the values of a type are copied.
type plan struct {
	id   int
	typ  reflect.Type
	size uintptr
	flat bool // no pointers: copied as it lies in memory
	ops  []op // of a plan that is not flat
}

// op is a step of a plan: what stands at an offset.
type op struct {
	offset uintptr
	kind   opKind
	size   uintptr // of a flat stretch
	of     *plan   // what a pointer, slice, map or array is of
	key    *plan   // of a map
	count  int     // of an array
	typ    reflect.Type
}

type opKind uint8

const (
	opFlat opKind = iota
	opPointer
	opSlice
	opString
	opMap
	opInterface
	opAddr  // netip.Addr, whose zone is a pointer that means something to its package only
	opArray // of what is not flat
	opDrop  // becomes nil
)

// plans are those of all types that can be reached from a root, numbered in the order in which they are met: the same
// wherever the types are the same.
type plans struct {
	of    map[reflect.Type]*plan
	list  []*plan
	known []reflect.Type // dynamic types of interfaces, pointers
}

var addrType = reflect.TypeFor[netip.Addr]()

func newPlans(root reflect.Type, types Types) *plans {
	p := &plans{of: map[reflect.Type]*plan{}}
	for _, t := range types {
		p.known = append(p.known, reflect.TypeOf(t))
	}
	p.plan(root)
	for _, t := range p.known {
		p.plan(t)
	}
	return p
}

// plan makes the plan of a type, or finds it.
func (p *plans) plan(t reflect.Type) *plan {
	if made := p.of[t]; made != nil {
		return made
	}
	made := &plan{id: len(p.list), typ: t, size: t.Size(), flat: flat(t)}
	p.of[t] = made
	p.list = append(p.list, made)
	if !made.flat {
		made.ops = p.steps(nil, t, 0)
	}
	return made
}

// steps appends what a value of a type at an offset needs.
func (p *plans) steps(ops []op, t reflect.Type, offset uintptr) []op {
	if flat(t) {
		if last := len(ops) - 1; last >= 0 && ops[last].kind == opFlat && ops[last].offset+ops[last].size == offset {
			ops[last].size += t.Size()
			return ops
		}
		return append(ops, op{offset: offset, kind: opFlat, size: t.Size()})
	}
	step := op{offset: offset, typ: t}
	switch t.Kind() {
	case reflect.Struct:
		if t == addrType {
			step.kind = opAddr
			break
		}
		for i := range t.NumField() {
			f := t.Field(i)
			ops = p.steps(ops, f.Type, offset+f.Offset)
		}
		return ops
	case reflect.Pointer:
		step.kind, step.of = opPointer, p.plan(t.Elem())
	case reflect.Slice:
		step.kind, step.of = opSlice, p.plan(t.Elem())
	case reflect.String:
		step.kind = opString
	case reflect.Map:
		step.kind, step.key, step.of = opMap, p.plan(t.Key()), p.plan(t.Elem())
	case reflect.Interface:
		step.kind = opInterface
	case reflect.Array:
		step.kind, step.of, step.count = opArray, p.plan(t.Elem()), t.Len()
	default:
		step.kind = opDrop
	}
	return append(ops, step)
}

// flat says whether values of a type hold no pointers.
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64, reflect.Complex64,
		reflect.Complex128:
		return true
	case reflect.Array:
		return t.Len() == 0 || flat(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !flat(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return false
}

// Layout is a number of the types that can be reached from a value: names, kinds, offsets and sizes of all fields, and the
// machine. Bytes are only read where it is the same.
func Layout(root any, types Types) uint64 {
	p := newPlans(reflect.TypeOf(root), types)
	h := fnv.New64a()
	fmt.Fprintf(h, "1 %s %d", runtime.GOARCH, reflect.TypeFor[uintptr]().Size())
	for _, made := range p.list {
		t := made.typ
		fmt.Fprintf(h, "|%s %s %d", t, t.Kind(), t.Size())
		if t.Kind() == reflect.Struct {
			for i := range t.NumField() {
				f := t.Field(i)
				fmt.Fprintf(h, ";%s %s %d %d", f.Name, f.Type, f.Offset, f.Type.Size())
			}
		}
	}
	return h.Sum64()
}
