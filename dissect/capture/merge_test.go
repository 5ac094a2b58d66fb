package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// mergeFiles are three captures whose frames interleave, go back in time, tie, and lack a time.
func mergeFiles() [][]byte {
	frame := func(n int) []byte { return append(packet(), make([]byte, n)...) }
	a := littleEndian()
	a.section().iface(1, 0, a.opt(optIfName, []byte("eth0"))).
		enhanced(0, 1_000_000, frame(0)).enhanced(0, 3_000_000, frame(1)).enhanced(0, 2_000_000, frame(2)).
		block(blockSimple, uint32(57), frame(3)).enhanced(0, 4_000_000, frame(4))
	b := bigEndian()
	b.section().iface(1, 0, b.opt(optIfName, []byte("eth1"))).iface(101, 0, b.opt(optIfName, []byte("tun"))).
		enhanced(0, 1_000_000, frame(5)).enhanced(1, 2_500_000, packet()[14:]).enhanced(0, 3_500_000, frame(6))
	c := littleEndian().pcapHeader(magicNano, 1).record(0, 5, frame(7)).record(9, 0, frame(8))
	return [][]byte{a.Bytes(), b.Bytes(), gzipped(c.Bytes())}
}

// merge returns a line a frame: number, time, length, interface name.
func merge(t *testing.T, files ...[]byte) (*Merge, []string) {
	t.Helper()
	var lines []string
	var m *Merge
	m = NewMerge(func(f *Frame) error {
		name := m.Interfaces()[f.Interface].Name
		if name == "" {
			name = "unknown" // as Wireshark shows it
		}
		time := ""
		if !f.NoTime {
			time = fmt.Sprintf("%d.%09d", f.Time/1e9, f.Time%1e9)
		}
		lines = append(lines, fmt.Sprintf("%d\t%s\t%d\t%s", f.Number, time, len(f.Data), name))
		return nil
	})
	var sources []io.Reader
	for _, f := range files {
		sources = append(sources, bytes.NewReader(f))
	}
	if err := m.ReadAll(context.Background(), sources...); err != nil {
		t.Fatal(err)
	}
	return m, lines
}

func TestMerge(t *testing.T) {
	m, got := merge(t, mergeFiles()...)
	want := []string{
		"1\t0.000000005\t61\tunknown",
		"2\t1.000000000\t59\teth1",
		"3\t1.000000000\t54\teth0",
		"4\t2.500000000\t40\ttun",
		"5\t3.000000000\t55\teth0",
		"6\t2.000000000\t56\teth0",
		"7\t\t57\teth0",
		"8\t3.500000000\t60\teth1",
		"9\t4.000000000\t58\teth0",
		"10\t9.000000000\t62\tunknown",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	var from []int
	for _, i := range m.Interfaces() {
		from = append(from, i.Source)
	}
	if !reflect.DeepEqual(from, []int{0, 1, 1, 2}) {
		t.Errorf("interfaces %+v", m.Interfaces())
	}
	if m.Format() != "pcapng, gzip pcap (nanoseconds)" || m.Frames() != 10 || len(m.Cuts()) != 0 {
		t.Error(m.Format(), m.Frames(), m.Cuts())
	}
	sum := 0
	for _, f := range mergeFiles() {
		sum += len(f)
	}
	if m.Bytes() != int64(sum) {
		t.Errorf("%d bytes, want %d", m.Bytes(), sum)
	}
}

func TestMergeAsMergecap(t *testing.T) {
	for _, tool := range []string{"mergecap", "tshark"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "merged.pcapng")
	args := []string{"-w", out}
	for i, f := range mergeFiles() {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(name, f, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if b, err := exec.Command("mergecap", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	want := runTshark(t, out, "frame.number", "frame.time_epoch", "frame.cap_len", "frame.interface_name")
	// A Simple Packet Block that mergecap rewrites gets time 0.
	for i := range want.lines {
		want.lines[i] = strings.Replace(want.lines[i], "7\t0.000000000\t", "7\t\t", 1)
	}
	if _, got := merge(t, mergeFiles()...); !reflect.DeepEqual(got, want.lines) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want.lines, "\n"))
	}
}

func TestMergeFaults(t *testing.T) {
	files := mergeFiles()
	t.Run("a cut source ends, the others go on", func(t *testing.T) {
		m, lines := merge(t, files[0][:len(files[0])-1], files[1], littleEndian().pcapHeader(magicMicro, 1).Bytes())
		cuts := m.Cuts()
		if len(lines) != 7 || len(cuts) != 1 || cuts[0].Source != 0 || cuts[0].Frame != 5 || !cuts[0].Short {
			t.Error(lines, cuts)
		}
	})
	read := func(ctx context.Context, emit func(*Frame) error, extra io.Reader) error {
		return NewMerge(emit).ReadAll(ctx, bytes.NewReader(files[0]), extra)
	}
	ignore := func(*Frame) error { return nil }
	t.Run("no capture", func(t *testing.T) {
		err := read(context.Background(), ignore, strings.NewReader("hello"))
		var fe *FormatError
		if !errors.As(err, &fe) || !strings.Contains(err.Error(), "source 2: not a capture: looks like text") {
			t.Error(err)
		}
	})
	t.Run("error of emit", func(t *testing.T) {
		if err := read(context.Background(), func(*Frame) error { return io.ErrClosedPipe }, bytes.NewReader(files[1])); err != io.ErrClosedPipe {
			t.Error(err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := read(ctx, ignore, bytes.NewReader(files[1])); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestMergeMany(t *testing.T) {
	var files [][]byte
	const n = 50
	for i := range uint32(n) {
		w := littleEndian().pcapHeader(magicMicro, 1)
		for j := range uint32(20) {
			w.record(j, i*7%n, packet())
		}
		files = append(files, w.Bytes())
	}
	_, lines := merge(t, files...)
	if len(lines) != n*20 {
		t.Fatal(len(lines))
	}
	last := ""
	for _, l := range lines {
		time := strings.Split(l, "\t")[1]
		if len(time) == len(last) && time < last {
			t.Fatalf("%s after %s", time, last)
		}
		last = time
	}
}
