package main

// itree is an interval tree as Wireshark's wmem has it: a red-black tree by the low end of the intervals, each node
// with the highest end below it. What it finds comes in an order that depends on the tree's shape, and an interval
// that starts where another does takes that one's place but keeps its end; both show in the fields, so both are
// modelled, with the textbook's red-black insertion.
type itree[V any] struct {
	root  *inode[V]
	sound bool // without Wireshark's fault: a rotation leaves nodes with too low an end below them
}

type inode[V any] struct {
	low, high, edge     uint64
	value               V
	red                 bool
	parent, left, right *inode[V]
}

// insert adds an interval, or gives a new value to the one that starts there, and returns it.
func (t *itree[V]) insert(low, high uint64, value V) *inode[V] {
	n := &inode[V]{low: low, high: high, value: value, red: true}
	if t.root == nil {
		n.red = false
		t.root = n
		n.widen()
		return n
	}
	at := t.root
	for {
		next := &at.left
		switch {
		case low == at.low:
			at.value = value
			at.widen() // which mends what a rotation left
			return at
		case low > at.low:
			next = &at.right
		}
		if *next == nil {
			n.parent = at
			*next = n
			break
		}
		at = *next
	}
	t.balance(n)
	n.widen()
	return n
}

// at is the node of the interval that starts at a number, nil if there is none.
func (t *itree[V]) at(low uint64) *inode[V] {
	n := t.root
	for n != nil && n.low != low {
		if low < n.low {
			n = n.left
		} else {
			n = n.right
		}
	}
	return n
}

// widen sets the highest end at and above a node.
func (n *inode[V]) widen() {
	for n != nil {
		edge := n.high
		for _, child := range [...]*inode[V]{n.left, n.right} {
			if child != nil {
				edge = max(edge, child.edge)
			}
		}
		if n.edge == edge {
			return
		}
		n.edge = edge
		n = n.parent
	}
}

func (t *itree[V]) balance(n *inode[V]) {
	for n.parent != nil && n.parent.red {
		parent, grand := n.parent, n.parent.parent
		if grand == nil {
			return
		}
		uncle := grand.left
		if parent == grand.left {
			uncle = grand.right
		}
		if uncle != nil && uncle.red {
			parent.red, uncle.red, grand.red = false, false, true
			n = grand
			continue
		}
		if n == parent.right && parent == grand.left {
			t.rotate(parent, true)
			n, parent = parent, n
		} else if n == parent.left && parent == grand.right {
			t.rotate(parent, false)
			n, parent = parent, n
		}
		parent.red, grand.red = false, true
		t.rotate(grand, n != parent.left)
		break
	}
	t.root.red = false
}

// rotate turns the tree at n, to the left or to the right.
func (t *itree[V]) rotate(n *inode[V], left bool) {
	up := n.right
	if !left {
		up = n.left
	}
	switch {
	case n.parent == nil:
		t.root = up
	case n.parent.left == n:
		n.parent.left = up
	default:
		n.parent.right = up
	}
	up.parent, n.parent = n.parent, up
	if left {
		n.right, up.left = up.left, n
		if n.right != nil {
			n.right.parent = n
		}
	} else {
		n.left, up.right = up.right, n
		if n.left != nil {
			n.left.parent = n
		}
	}
	// Wireshark refreshes the children of the node that went down, and what is above those that changed; not more.
	n.left.widen()
	n.right.widen()
	if t.sound {
		n.edge, up.edge = 0, 0
		n.widen()
		up.widen()
	}
}

// find lists the values of the intervals that meet low…high, last visited first.
func (t *itree[V]) find(low, high uint64) []V {
	var found []V
	t.root.visit(low, high, &found)
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

func (n *inode[V]) visit(low, high uint64, found *[]V) {
	if n == nil || low > n.edge {
		return
	}
	if n.low <= high && low <= n.high {
		*found = append(*found, n.value)
	}
	n.left.visit(low, high, found)
	n.right.visit(low, high, found)
}
