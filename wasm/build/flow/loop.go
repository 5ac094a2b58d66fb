package flow

// loops makes loops of backward jumps. A loop can be entered only at its head: where the table leads into its midst, or a
// jump from outside, its backward jumps stay jumps by the table.
func (f *function) loops() {
	turned := make([]bool, len(f.parts)) // heads that the table leads to
	for {
		for i := range f.ends {
			f.ends[i] = -1
		}
		for i, p := range f.parts {
			for _, j := range p.jumps {
				if j.back(i) && !turned[j.target] {
					f.ends[j.target] = max(f.ends[j.target], i)
				}
			}
		}
		f.nest()
		head := f.entered()
		if head < 0 {
			return
		}
		turned[head], f.entry[head], f.turns = true, true, true
	}
}

// back says whether a jump of the i-th part goes back.
func (j *jump) back(i int) bool { return j.target >= 0 && j.target <= i }

// nest makes loops that overlap lie within each other.
func (f *function) nest() {
	for again := true; again; {
		again = false
		for head, end := range f.ends {
			for inner := head + 1; inner <= end; inner++ {
				if f.ends[inner] > end {
					end, again = f.ends[inner], true
				}
			}
			f.ends[head] = end
		}
	}
}

// entered is the head of a loop that is entered in its midst, -1 if there is none.
func (f *function) entered() int {
	for head, end := range f.ends {
		for i := head + 1; i <= end; i++ {
			if f.entry[i] {
				return head
			}
		}
	}
	for i, p := range f.parts {
		for _, j := range p.jumps {
			for head := range j.target { // none for leaving
				if end := f.ends[head]; j.target <= end && (i < head || i > end) {
					return head
				}
			}
		}
	}
	return -1
}
