package analysis

import (
	"cmp"
	"slices"
)

// Quantiles sum up measurements, in the unit of these. Percentiles are the smallest measurement that at least so many per
// cent do not exceed (nearest rank). All are 0 where nothing was measured.
type Quantiles struct {
	Count                           uint64
	Min, Median, P90, P95, P99, Max int64
	Mean                            float64
}

// quantiles sums up values, which it sorts.
func quantiles(values []int64) (q Quantiles) {
	if len(values) == 0 {
		return q
	}
	slices.Sort(values)
	at := func(percent int) int64 { return values[(len(values)*percent+99)/100-1] }
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return Quantiles{Count: uint64(len(values)), Min: values[0], Median: at(50), P90: at(90), P95: at(95), P99: at(99),
		Max: values[len(values)-1], Mean: sum / float64(len(values))}
}

// weighted is a measurement that counts for so many: the wait of a segment's bytes.
type weighted struct {
	value  int64
	weight uint64
}

// weightedQuantiles sums up weighted values, which it sorts. Count is the sum of the weights.
func weightedQuantiles(values []weighted) (q Quantiles) {
	slices.SortFunc(values, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	sum := 0.0
	for _, v := range values {
		q.Count += v.weight
		sum += float64(v.value) * float64(v.weight)
	}
	if q.Count == 0 {
		return Quantiles{}
	}
	q.Mean, q.Min, q.Max = sum/float64(q.Count), values[0].value, values[len(values)-1].value
	ranks := []struct {
		percent uint64
		to      *int64
	}{{50, &q.Median}, {90, &q.P90}, {95, &q.P95}, {99, &q.P99}}
	passed := uint64(0)
	for _, v := range values {
		passed += v.weight
		for len(ranks) > 0 && passed*100 >= q.Count*ranks[0].percent {
			*ranks[0].to = v.value
			ranks = ranks[1:]
		}
	}
	return q
}
