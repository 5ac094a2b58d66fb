package core_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// TestHealthAsVerdicts holds that checkhealth counts as fallen back what lc says fell back: not a connection whose MP_FAIL was not heard.
func TestHealthAsVerdicts(t *testing.T) {
	const failed = "0 C>S 0 S mp_capable flags=0x81\n0.01 S>C 0 S. mp_capable flags=0x81\n0.02 C>S 0 . mp_capable flags=0x81\n" +
		"0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1 csum=bad\n0.11 S>C 0 . dss ack8=1 mp_fail dsn=1\n"
	for ending, fell := range map[string]bool{
		"0.5 C>S 0 P. len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1 csum=auto\n":             false,
		"0.5 C>S 0 P. len=10 dss dsn8=11 ssn=11 dlen=0 ack8=1 csum=auto\n0.6 S>C 0 .\n": true,
	} {
		s := loadScript(t, failed+ending)
		for line, sign := range map[string]string{"checkhealth": "did not become MPTCP", "lc": "fell back"} {
			var got collector
			if err := s.Run(t.Context(), line, &got); err != nil {
				t.Fatal(err)
			}
			told := false
			for _, b := range got.blocks {
				list, ok := b.(*display.Table)
				for row := 0; ok && row < list.Rows; row++ {
					for col := range list.Columns {
						told = told || strings.Contains(display.Format(list.Cell(row, col), &list.Columns[col], display.People), sign)
					}
				}
			}
			if told != fell {
				t.Errorf("%q: %s tells of a fallback: %v", ending, line, told)
			}
		}
	}
}
