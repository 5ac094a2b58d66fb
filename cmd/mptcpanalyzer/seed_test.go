package main

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// seedBatch is the batch file of the first generations, as it stood there.
const seedBatch = `load --regen examples/iperf-mptcp-0-0.pcap
plot attr 0 Client dsn
plot attr 0 Client dsn --title "custom title" --out output0.png
plot attr 0 Client dsn --skip 1 --skip 3 --style examples/red_o.mplstyle --title "custom title" --out output1.png
`

// TestSeedBatch runs that batch file as its users did: in a folder with examples in it, where the capture of that name is the
// original's if it is at hand, else one of ours, which has two subflows, not four.
func TestSeedBatch(t *testing.T) {
	original, batch := capture(sampleCapture), strings.ReplaceAll(seedBatch, " --skip 3", "")
	if dir := corpus.Folder(t); dir != "" {
		original = filepath.Join(dir, "public", "pymptcpanalyzer", "iperf-mptcp-0-0.pcap")
		batch = seedBatch
	}
	folder := t.TempDir()
	put(t, original, filepath.Join(folder, "examples", "iperf-mptcp-0-0.pcap"))
	put(t, filepath.Join(coretest.Root(), "testdata", "plot", "red_o.mplstyle"), filepath.Join(folder, "examples", "red_o.mplstyle"))
	if err := os.WriteFile(filepath.Join(folder, "batch"), []byte(batch), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	if stdout, stderr, status := runProgram("", "--batch", "batch"); status != console.Fine {
		t.Fatalf("status %d\n%s\n%s", status, stdout, stderr)
	}
	plain, styled := reds(t, "output0.png"), reds(t, "output1.png")
	if plain > 0 || styled == 0 {
		t.Errorf("%d red pixels without the style, %d with it", plain, styled)
	}
}

func put(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// reds counts the pixels of the colour that the style asks for.
func reds(t *testing.T, name string) int {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return count(picture, func(r, g, b uint32) bool { return r == 0xffff && g == 0 && b == 0 })
}

func count(picture image.Image, is func(r, g, b uint32) bool) int {
	n, size := 0, picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			if r, g, b, _ := picture.At(x, y).RGBA(); is(r, g, b) {
				n++
			}
		}
	}
	return n
}
