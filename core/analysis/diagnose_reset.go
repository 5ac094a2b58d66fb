package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// cutOff concludes on a connection whose only subflow was reset before an end had ended its data.
func (e *examination) cutOff(m *life) (Finding, bool) {
	o := &m.refusal
	if len(e.lives) != 1 || !o.seen() || !m.up() || e.endedBefore(o.packet) {
		return Finding{}, false
	}
	why := "gives no reason"
	if o.reason >= 0 {
		why = fmt.Sprintf("says why with MP_TCPRST (%s)", resetWord(o.reason))
	}
	return find(CutOff, fmt.Sprintf("the %s resets its only subflow before either end has ended its data, and %s", e.sender(m, o.from).End(), why), o.packet), true
}

// endedBefore says whether an end told that its data ends (DATA_FIN, FIN) before a packet.
func (e *examination) endedBefore(packet uint32) bool {
	for i := range e.lives {
		for _, row := range e.rowsOf(&e.lives[i]) {
			if row+1 >= packet {
				break
			}
			if e.t.Flags(row)&stream.FIN != 0 || e.t.DataFIN(row) {
				return true
			}
		}
	}
	return false
}
