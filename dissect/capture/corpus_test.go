package capture

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// eachCapture calls do for each capture of the test corpus and of the repository.
func eachCapture(t *testing.T, do func(t *testing.T, name string, file []byte)) {
	t.Helper()
	roots := []string{filepath.Join("..", "..", "testdata", "captures")}
	if dir := corpus.Folder(t); dir != "" {
		roots = append(roots, dir)
	}
	seen := 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(d.Name(), ".pcap") || !strings.HasPrefix(filepath.Ext(path), ".pcap") {
				return err
			}
			file, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			seen++
			t.Run(strings.TrimPrefix(path, root+"/"), func(t *testing.T) { do(t, path, file) })
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Skip("no captures: set MPTCP_CORPUS")
	}
}

func TestCorpus(t *testing.T) {
	eachCapture(t, func(t *testing.T, name string, file []byte) {
		o := readSplit(t, file)
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		agreed := agree(t, name, file, o)
		t.Logf("%s, %d frames, %d compared with the fork, cut %v", o.Format, len(o.Frames), agreed, o.Cut)
	})
}

// numbers are the figures of capinfos that say what was read, as it prints them.
var numbers = regexp.MustCompile(`(?m)^(Number of packets|First packet time|Last packet time|Number of interfaces in file|Data size|File timestamp precision): +(\S+)(?: .*\((\d)\))?`)

func TestCorpusAsCapinfos(t *testing.T) {
	if _, err := exec.LookPath("capinfos"); err != nil {
		t.Skip("capinfos is not installed")
	}
	eachCapture(t, func(t *testing.T, name string, file []byte) {
		text, err := exec.Command("capinfos", "-M", "-S", name).Output()
		if err != nil {
			t.Log(err) // as for a file that is cut; its figures are printed nonetheless
		}
		told := map[string]string{}
		digits := 6
		for _, m := range numbers.FindAllStringSubmatch(string(text), -1) {
			told[m[1]] = m[2]
			if m[3] != "" {
				fmt.Sscan(m[3], &digits)
			}
		}
		o := readWhole(file)
		for figure, ours := range figures(o, digits) {
			if theirs := told[figure]; theirs != ours {
				t.Errorf("%s: %s, capinfos says %s", figure, ours, theirs)
			}
		}
	})
}

// figures are ours, in the words and the precision of capinfos.
func figures(o outcome, digits int) map[string]string {
	first, last, size := o.Frames[0].Time, o.Frames[0].Time, 0
	for _, f := range o.Frames {
		first, last = min(first, f.Time), max(last, f.Time)
		size += int(f.Length)
	}
	text := func(ns int64) string {
		return fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9)[:len(fmt.Sprint(ns/1e9))+1+digits]
	}
	return map[string]string{
		"Number of packets":            fmt.Sprint(len(o.Frames)),
		"First packet time":            text(first),
		"Last packet time":             text(last),
		"Data size":                    fmt.Sprint(size),
		"Number of interfaces in file": fmt.Sprint(len(o.Interfaces)),
	}
}
