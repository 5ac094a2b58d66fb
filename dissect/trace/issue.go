package trace

import "slices"

// maxIssues is how many issues of one kind are kept; all are counted.
const maxIssues = 100

// issues collects the issues of a capture.
type issues struct {
	kinds map[issueKind]*issueList
	order []*issueList
}

type issueKind struct{ layer, what string }

type issueList struct {
	count uint64
	kept  []Issue
}

func (l *issues) add(i Issue) {
	kind := issueKind{layer: i.Layer, what: i.What}
	list := l.kinds[kind]
	if list == nil {
		list = &issueList{}
		if l.kinds == nil {
			l.kinds = map[issueKind]*issueList{}
		}
		l.kinds[kind] = list
		l.order = append(l.order, list)
	}
	list.count++
	if len(list.kept) < maxIssues {
		list.kept = append(list.kept, i)
	}
}

// all lists the kept issues by packet; each has the count of its kind.
func (l *issues) all() []Issue {
	var all []Issue
	for _, list := range l.order {
		for _, i := range list.kept {
			i.Count = list.count
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b Issue) int {
		return int(int64(a.Packet) - int64(b.Packet))
	})
	return all
}
