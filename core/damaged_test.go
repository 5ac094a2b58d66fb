package core_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// nonsense is what no answer may have, whatever the capture.
var nonsense = regexp.MustCompile(`internal error|NaN|[+-]Inf|%!|-9223372036854775808|18446744073709551615`)

// TestDamagedCaptures changes some bytes of the headers in captures, and asks everything of what they have become: each
// command answers, or says what it lacks.
func TestDamagedCaptures(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	small, _ := filepath.Glob(filepath.Join(coretest.Captures(), "cause-*.client.pcapng"))
	captures, lines := 0, 0
	for range 60 {
		file, err := os.ReadFile(small[rng.IntN(len(small))])
		if err != nil {
			t.Fatal(err)
		}
		damage(t, rng, file)
		s := core.New(core.Options{Open: func(string) (core.Source, error) {
			return core.Source{ReadCloser: io.NopCloser(bytes.NewReader(file)), Size: int64(len(file))}, nil
		}})
		if err := s.Run(t.Context(), "load x", &collector{}); err != nil {
			t.Fatal(err)
		}
		captures++
		all := questions(s)
		for range len(all) / 8 {
			line := all[rng.IntN(len(all))]
			got := said(s, line)
			if lines++; nonsense.MatchString(got) {
				t.Errorf("capture %d, %s:\n%s", captures, line, got)
			}
		}
	}
	t.Logf("%d captures, %d lines", captures, lines)
}

// damage changes up to six bytes of the packets' headers, rather of the first ones.
func damage(t *testing.T, rng *rand.Rand, file []byte) {
	t.Helper()
	var headers [][]byte
	r := capture.NewReader(func(f *capture.Frame) error {
		if at := bytes.Index(file, f.Data); at >= 0 {
			headers = append(headers, file[at:at+min(len(f.Data), 120)])
		}
		return nil
	})
	if err := r.Feed(file); err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(); err != nil || len(headers) == 0 {
		t.Fatal("no frames: ", err)
	}
	for range 1 + rng.IntN(6) {
		among := len(headers)
		if rng.IntN(2) == 0 {
			among = min(among, 5)
		}
		b := headers[rng.IntN(among)]
		b[rng.IntN(len(b))] = [...]byte{byte(rng.Uint32()), byte(1 << rng.IntN(8)), 0, 0xff}[rng.IntN(4)]
	}
}
