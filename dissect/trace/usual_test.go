package trace

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// unusual loads a capture without the short ways that packets of the usual kind take.
func unusual(t *testing.T, file []byte) *Trace {
	t.Helper()
	f := &framer{builder: newBuilder(1 << 30)} // a limit keeps conn from its short way
	r := capture.NewReader(func(c *capture.Frame) error {
		decode(&f.packet, c)
		f.packet.Kinds() // of a usual packet they are told by what it is now said not to be
		f.packet.Usual = packet.NotUsual
		return f.take(&f.packet, c.NoTime)
	})
	if err := r.ReadAll(context.Background(), bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	return f.trace(r)
}

// TestUsual holds that the short ways of usual packets give what the general ones give, for all captures at hand.
func TestUsual(t *testing.T) {
	names, err := filepath.Glob("../../testdata/captures/*.pcapng")
	if err != nil || len(names) == 0 {
		t.Fatal("no captures", err)
	}
	names = append(names, corpus.Files(t, "linux-v1/*.pcap*", "public/*/*.pcap", "synthetic/*.pcap*")...)
	options := 0
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 32<<20 {
			continue
		}
		want := unusual(t, file)
		got, err := Load(context.Background(), bytes.NewReader(file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Digest(), want.Digest()) {
			t.Errorf("%s: %+v, the general way says %+v", name, got.Digest(), want.Digest())
		}
		var a, b Row
		for i := range want.Len() {
			got.Row(i, &a)
			want.Row(i, &b)
			options += len(a.Options)
			a.member = b.member // it is of another table
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("%s: packet %d is %+v, the general way says %+v", name, i+1, a, b)
			}
		}
	}
	if options < 10_000 {
		t.Errorf("only %d options were compared", options)
	}
}
