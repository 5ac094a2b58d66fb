package trace

import "slices"

// Limits of the issues of one kind: all are counted.
const (
	maxIssues       = 100  // the first of them that are kept
	maxIssueStreams = 1000 // the streams that are told apart, of each of which the first one is kept
)

// issues collects the issues of a capture.
type issues struct {
	kinds map[issueKind]*issueList
	order []*issueList
	// The kind that came last: one that a whole capture is full of comes again and again.
	latest issueKind
	list   *issueList
}

type issueKind struct{ layer, what string }

type issueList struct {
	count   uint64
	kept    []Issue
	streams map[int64]uint64 // how many there are by TCP stream, see Issue.Stream
}

func (l *issues) add(i Issue) {
	kind := issueKind{layer: i.Layer, what: i.What}
	if l.list == nil || kind != l.latest {
		l.latest, l.list = kind, l.of(kind)
	}
	list := l.list
	list.count++
	n := list.streams[i.Stream]
	if n == 0 && len(list.streams) >= maxIssueStreams {
		return
	}
	list.streams[i.Stream] = n + 1
	if n == 0 || len(list.kept) < maxIssues {
		list.kept = append(list.kept, i)
	}
}

// of is the list of a kind, a new one for the first of it.
func (l *issues) of(kind issueKind) *issueList {
	list := l.kinds[kind]
	if list == nil {
		list = &issueList{streams: map[int64]uint64{}}
		if l.kinds == nil {
			l.kinds = map[issueKind]*issueList{}
		}
		l.kinds[kind] = list
		l.order = append(l.order, list)
	}
	return list
}

// all lists the kept issues by packet; each has the count of its kind.
func (l *issues) all() []Issue {
	var all []Issue
	for _, list := range l.order {
		for _, i := range list.kept {
			i.Count, i.OnStream = list.count, list.streams[i.Stream]
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b Issue) int {
		return int(int64(a.Packet) - int64(b.Packet))
	})
	return all
}

// OnOtherStreams gives, of a capture's issues, one for each kind that there was more of than its kept ones count on their streams: Count
// is how many more, and no packet is named.
func OnOtherStreams(issues []Issue) (list []Issue) {
	type stream struct {
		issueKind
		id int64
	}
	at, seen := map[issueKind]int{}, map[stream]bool{}
	for _, i := range issues {
		k := issueKind{layer: i.Layer, what: i.What}
		if _, known := at[k]; !known {
			at[k] = len(list)
			list = append(list, Issue{Layer: i.Layer, Severity: i.Severity, What: i.What, Section: i.Section, Stream: NoStream, Count: i.Count})
		}
		if s := (stream{k, i.Stream}); !seen[s] {
			seen[s] = true
			list[at[k]].Count -= i.OnStream
		}
	}
	return slices.DeleteFunc(list, func(i Issue) bool { return i.Count == 0 })
}
