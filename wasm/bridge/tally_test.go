package bridge_test

import "testing"

// Every connection is counted once, and each verdict keeps as many as it counts.
func TestTally(t *testing.T) {
	b := loaded(t, "many-connections.client.pcapng")
	table := ask(t, b, map[string]any{"do": "run", "line": "lc"}).one("table")
	left := table["total"].(float64)
	items := ask(t, b, map[string]any{"do": "tally", "handle": table["handle"]}).one("tally")["items"].([]any)
	if len(items) < 2 {
		t.Fatalf("the verdicts are %v, want MPTCP and a fallback", items)
	}
	for _, item := range items {
		verdict, count := item.(map[string]any)["text"], item.(map[string]any)["count"].(float64)
		part := rows(t, b, map[string]any{"do": "table", "handle": table["handle"], "count": 100, "verdict": verdict})
		if part["total"] != count || len(part["rows"].([]any)) != int(count) {
			t.Errorf("%q is counted %v times and keeps %v rows", verdict, count, part["total"])
		}
		left -= count
	}
	if left != 0 {
		t.Errorf("%v connections are not counted", left)
	}
	subflows := ask(t, b, map[string]any{"do": "run", "line": "lt"}).one("table")
	if none := ask(t, b, map[string]any{"do": "tally", "handle": subflows["handle"]}).one("tally")["items"].([]any); len(none) != 0 {
		t.Errorf("a table without verdicts has %v", none)
	}
}
