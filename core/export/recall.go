package export

// Recall keeps what was made of packets of one capture, by one of their keys: see Field.Alike. Few are kept.
type Recall[V any] struct{ slots []recalled[V] }

type recalled[V any] struct {
	key   uint32
	value V
}

// recallBits is the logarithm of how many values are kept.
const recallBits = 10

// Of is what a record has of a field: the value of the packet before that had the same key, or else what is made of the whole
// record, and of a value that is not needed any more.
func (k *Recall[V]) Of(f *Field, r *Record, made func(old V, r *Record) V) V {
	if k.slots == nil {
		k.slots = make([]recalled[V], 1<<recallBits)
	}
	key := r.Numbers.By[f.By]
	s := &k.slots[key*0x9e3779b1>>(32-recallBits)]
	if s.key != key || key == 0 {
		r.Whole()
		s.key, s.value = key, made(s.value, r)
	}
	return s.value
}

// Forget drops all values, as those of another capture follow.
func (k *Recall[V]) Forget() { clear(k.slots) }
