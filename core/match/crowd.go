package match

import "math"

// crowds pairs the segments of slots with several of them: equal in all but their print and their time.
func (j *joint) crowds() {
	var xs, ys []int
	for i := range j.slots {
		s := &j.slots[i]
		if s.x == none || s.y == none || j.alone(s) {
			continue
		}
		xs, ys = chain(xs[:0], s.x, j.nextX), chain(ys[:0], s.y, j.nextY)
		if !j.print {
			j.crowd(xs, ys)
			continue
		}
		for len(xs) > 0 {
			print := j.x.prints[xs[0]]
			var sameX, sameY []int
			sameX, xs = split(j.x, xs, print)
			sameY, ys = split(j.y, ys, print)
			j.crowd(sameX, sameY)
		}
	}
}

// chain appends the list that begins at i.
func chain(to []int, i int32, next []int32) []int {
	for ; i != none; i = next[i] {
		to = append(to, int(i))
	}
	return to
}

// split parts a list into those with a print and the others.
func split(l *lane, list []int, print uint8) (with, without []int) {
	for _, i := range list {
		if l.prints[i] == print {
			with = append(with, i)
		} else {
			without = append(without, i)
		}
	}
	return with, without
}

// mostCells bounds the table by which crowd weighs all ways to pair.
const mostCells = 1 << 20

// crowd pairs segments that cannot be told apart, in their order; where one side has more, those are left over that make
// the delays fit best with their neighbours'.
func (j *joint) crowd(xs, ys []int) {
	if len(xs) == 0 || len(ys) == 0 {
		return
	}
	if len(xs) == len(ys) {
		for k := range xs {
			j.pair(xs[k], ys[k])
		}
		return
	}
	usual := make([]float64, len(xs))
	for k, x := range xs {
		usual[k] = j.nearby(x)
	}
	strange := func(k, l int) float64 { return math.Abs(float64(j.y.time(ys[l])-j.x.time(xs[k])) - usual[k]) }
	if len(xs) < len(ys) {
		for k, l := range choose(len(xs), len(ys), strange) {
			j.pair(xs[k], ys[l])
		}
		return
	}
	for l, k := range choose(len(ys), len(xs), func(l, k int) float64 { return strange(k, l) }) {
		j.pair(xs[k], ys[l])
	}
}

// strange is how far the delay between two packets is from that of their neighbours, in ns.
func (j *joint) strange(x, y int) float64 {
	return math.Abs(float64(j.y.time(y)-j.x.time(x)) - j.nearby(x))
}

// nearby is the difference of the two captures' times at the nearest pairs around x: the mean of the one before and the
// one behind. Without any it is 0.
func (j *joint) nearby(x int) float64 {
	const far = 512
	sum, n := 0.0, 0
	for _, step := range []int{-1, 1} {
		for i, k := x+step, 0; i >= 0 && i < len(j.x.mate) && k < far; i, k = i+step, k+1 {
			if y := j.x.mate[i]; y >= 0 {
				sum += float64(j.y.time(int(y)) - j.x.time(i))
				n++
				break
			}
		}
	}
	return sum / float64(max(n, 1))
}

// choose gives each of few a partner among many, both in their order, at the least cost.
func choose(few, many int, cost func(k, l int) float64) []int {
	if few*many > mostCells {
		return chooseGreedily(few, many, cost)
	}
	// best[k][l]: the first k of few within the first l of many; taken: the k-th has the l-th.
	best, row := make([]float64, many+1), make([]float64, many+1)
	taken := make([]bool, few*many)
	for k := range few {
		for l := range row[:k+1] {
			row[l] = math.Inf(1)
		}
		for l := k; l < many; l++ {
			row[l+1] = row[l]
			if c := best[l] + cost(k, l); c < row[l+1] {
				row[l+1], taken[k*many+l] = c, true
			}
		}
		best, row = row, best
	}
	partner := make([]int, few)
	for k, l := few-1, many-1; k >= 0; l-- {
		if taken[k*many+l] {
			partner[k] = l
			k--
		}
	}
	return partner
}

// chooseGreedily is choose for crowds too large to weigh all ways.
func chooseGreedily(few, many int, cost func(k, l int) float64) []int {
	partner := make([]int, few)
	l := 0
	for k := range few {
		last := many - (few - k)
		here := cost(k, l)
		for l < last {
			next := cost(k, l+1)
			if next > here {
				break
			}
			here, l = next, l+1
		}
		partner[k] = l
		l++
	}
	return partner
}
