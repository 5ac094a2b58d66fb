package kernel

// historyQuery is the content of a history_request.
type historyQuery struct {
	Access  string `json:"hist_access_type"`
	Output  bool   `json:"output"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

func (k *Kernel) historyRequest(r *request) error {
	var q historyQuery
	if err := r.content(&q); err != nil {
		return err
	}
	rows := []any{}
	for _, e := range r.shell.history.recall(q) {
		var text any = e.source
		if q.Output {
			text = [2]any{e.source, e.output}
		}
		rows = append(rows, [3]any{e.session, e.line, text})
	}
	k.reply(r, "history_reply", map[string]any{"status": "ok", "history": rows})
	return nil
}

// recall answers a query, oldest first. An access type that nobody knows finds nothing.
func (h *History) recall(q historyQuery) []entry {
	switch q.Access {
	case "tail":
		return last(h.all(), q.N)
	case "range":
		return inRange(h.all(), h.session(q.Session), q.Start, q.Stop)
	case "search":
		return last(matching(h.all(), q.Pattern, q.Unique), q.N)
	}
	return nil
}

// last gives the last n entries; all of them when n is not given.
func last(entries []entry, n int) []entry {
	if n <= 0 || n > len(entries) {
		return entries
	}
	return entries[len(entries)-n:]
}

// inRange gives the lines start to stop of a session, stop left out; without one, to the end.
func inRange(entries []entry, session, start int, stop *int) []entry {
	var found []entry
	for _, e := range entries {
		if e.session == session && e.line >= start && (stop == nil || e.line < *stop) {
			found = append(found, e)
		}
	}
	return found
}

// matching gives the entries that match a pattern as a whole; unique keeps the latest of equal ones.
func matching(entries []entry, pattern string, unique bool) []entry {
	if pattern == "" {
		pattern = "*"
	}
	latest := map[string]int{}
	for i, e := range entries {
		latest[e.source] = i
	}
	var found []entry
	for i, e := range entries {
		if (!unique || latest[e.source] == i) && glob(pattern, e.source) {
			found = append(found, e)
		}
	}
	return found
}

// glob matches a pattern in which * stands for any text and ? for one character; nothing else is special, as in SQLite's
// GLOB without sets.
func glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, mark := -1, 0 // the last star, and where the text that it takes ends
	for i, j := 0, 0; ; {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case j < len(t) && i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case j == len(t) && i == len(p):
			return true
		case star >= 0 && mark < len(t):
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
}
