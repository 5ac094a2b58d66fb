// Package snapshot writes a graph of Go values to bytes and makes it again from them, unexported fields included: it keeps
// a dissected capture as it stands in memory, whatever its packages put into it.
//
//	err := snapshot.Write(w, value, snapshot.Types{(*capture.Cut)(nil)})
//	err = snapshot.Read(r, &value, snapshot.Types{(*capture.Cut)(nil)}, size) // value is a pointer
//
// Memory that several pointers and slices share is shared again, also where they point into the middle of it. What has no
// pointers is copied as it lies in memory, so that columns of numbers cost what copying them costs: bytes are therefore
// only read by a program whose types have the same [Layout], on a machine with the same byte order and word size. The
// caller keeps the layout beside the bytes, checks it, and makes sure that the bytes are undamaged; Read refuses what does
// not fit together, but numbers that were changed stay changed.
//
// It keeps what can be kept: functions, channels and interfaces whose dynamic type is not among Types become nil. It must
// not be used on values that change meanwhile.
//
// This is the one package that looks into others' unexported fields. It uses package unsafe for that: the values it copies are
// read and written through pointers with their own types' sizes and alignments, made by package reflect.
//
// Read plan.go first (how the values of a type are copied), then write.go and read.go.
package snapshot

// Types are nil pointers of the types that interfaces may hold.
type Types []any
