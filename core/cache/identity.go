package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Blocks sampled from a capture.
const (
	endSample = 64 << 10 // at its beginning and its end
	midSample = 4 << 10
	mids      = 16 // between
)

// identify is a name for captures with their very sizes, times and sampled bytes; false if one of them is no regular
// file.
func identify(files []string) (string, bool) {
	h := sha256.New()
	fmt.Fprintln(h, len(files))
	for _, name := range files {
		if name == "-" || !sample(h, name) {
			return "", false
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), true
}

func sample(h io.Writer, name string) bool {
	name = disk.ExpandHome(name)
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // opening a named pipe would wait for its writer
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		return false
	}
	size := info.Size()
	binary.Write(h, binary.LittleEndian, [2]int64{size, info.ModTime().UnixNano()})
	places := []struct{ at, n int64 }{{0, endSample}, {max(0, size-endSample), endSample}}
	for i := int64(1); i <= mids; i++ {
		places = append(places, struct{ at, n int64 }{size / (mids + 1) * i, midSample})
	}
	for _, p := range places {
		if _, err := io.Copy(h, io.NewSectionReader(f, p.at, p.n)); err != nil {
			return false
		}
	}
	return true
}

// maker names the program that wrote a file: only the same reads it. A program built from changed sources is known by its
// own file.
func maker() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		switch revision := settings["vcs.revision"]; {
		case revision != "" && settings["vcs.modified"] == "false":
			version = revision
		case revision == "" && info.Main.Version != "" && info.Main.Version != "(devel)":
			version = info.Main.Version
		default:
			version += own()
		}
	}
	return fmt.Sprintf("%s %016x", version, trace.Layout())
}

// own is the size and time of the program's file.
func own() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
}
