package bridge_test

import "testing"

// A packet is found in a list of packets by its frame, however the list is sorted; what is not listed is not found.
func TestFind(t *testing.T) {
	b := loaded(t, "two-path-upload.client.pcapng")
	table := ask(t, b, map[string]any{"do": "run", "line": "dump frame packetid tcplen -n 0 --where 'tcpstream == 1'"}).one("table")
	find := func(key string, number int) int {
		t.Helper()
		e := ask(t, b, map[string]any{"do": "find", "handle": table["handle"], "key": key, "number": number}).one("found")
		return int(e["at"].(float64))
	}
	cell := func(row any, column int) string { return row.([]any)[column].(map[string]any)["t"].(string) }
	for _, sort := range []string{"", "tcplen", "packetid"} {
		part := rows(t, b, map[string]any{"do": "table", "handle": table["handle"], "from": 100, "count": 5, "sort": sort, "descending": true})["rows"].([]any)
		for i, row := range part {
			var frame int
			for _, digit := range cell(row, 0) {
				frame = 10*frame + int(digit-'0')
			}
			if at := find("frame", frame); at != 100+i {
				t.Errorf("sorted by %q: frame %d is found at %d, it stands at %d", sort, frame, at, 100+i)
			}
		}
	}
	for _, frame := range []int{0, 1, 1 << 31} { // frame 1 is of the other stream
		if at := find("frame", frame); at != -1 {
			t.Errorf("frame %d is found at %d", frame, at)
		}
	}
	for _, r := range []map[string]any{{"do": "find", "handle": table["handle"], "key": "nosuch"}, {"do": "find", "handle": -1, "key": "frame"}} {
		ask(t, b, r).one("error")
	}
}
