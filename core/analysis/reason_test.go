package analysis

import "testing"

// TestResetReason spells reason codes of MP_TCPRST as RFC 8684 section 3.6 does, and says an unassigned one once.
func TestResetReason(t *testing.T) {
	for code, want := range map[int16][2]string{
		0: {"unspecified error", "reason 0, unspecified error"},
		6: {"middlebox interference", "reason 6, middlebox interference"},
		7: {"reason 7", "reason 7"},
	} {
		if meaning, word := resetReason(code), resetWord(code); meaning != want[0] || word != want[1] {
			t.Errorf("code %d is %q and %q, want %q", code, meaning, word, want)
		}
	}
}
