package export

// Recall keeps what was made of packets of one capture, by one of their keys: see Field.Alike. Few are kept.
type Recall[V any] struct{ slots []recalled[V] }

type recalled[V any] struct {
	key   uint32
	value V
}

// recallBits is the logarithm of how many values are kept.
const recallBits = 10

// Of is the value of a key. If it is not known, it is to be set; what it was before may be used again.
func (k *Recall[V]) Of(key uint32) (value *V, known bool) {
	if k.slots == nil {
		k.slots = make([]recalled[V], 1<<recallBits)
	}
	s := &k.slots[key*0x9e3779b1>>(32-recallBits)]
	known = s.key == key && key != 0
	s.key = key
	return &s.value, known
}

// Forget drops all values, as those of another capture follow.
func (k *Recall[V]) Forget() { clear(k.slots) }

// Key is that of a record for Field.Alike.
func (f *Field) Key(r *Record) uint32 { return r.Numbers.By[f.By] }
