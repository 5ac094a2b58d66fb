package capture

import "testing"

// steady returns the start of a capture and a chunk of many records that may follow it again and again.
func steady(format string) (head, records []byte) {
	w := littleEndian()
	if format == "pcap" {
		head = w.pcapHeader(magicMicro, 1).Bytes()
	} else {
		head = w.section().iface(1, 0, w.opt(optIfResolution, byte(9))).Bytes()
	}
	w = littleEndian()
	for i := range uint32(2000) {
		if format == "pcap" {
			w.record(i, i, packet())
		} else {
			w.enhanced(0, uint64(i), packet(), w.opt(2, uint32(0)), []byte{0, 0, 0, 0})
		}
	}
	return head, w.Bytes()
}

func TestNoAllocationPerFrame(t *testing.T) {
	for _, format := range []string{"pcap", "pcapng"} {
		frames := 0
		r := NewReader(func(f *Frame) error { frames += min(len(f.Data), 1); return nil })
		head, records := steady(format)
		if err := r.Feed(head); err != nil {
			t.Fatal(err)
		}
		// In two chunks that cut a record, so that one is carried over as well.
		allocs := testing.AllocsPerRun(20, func() {
			if r.Feed(records[:77777]) != nil || r.Feed(records[77777:]) != nil {
				t.Fatal("fed")
			}
		})
		if allocs != 0 || frames < 2000*21 {
			t.Errorf("%s: %v allocations for %d frames", format, allocs, frames)
		}
	}
}

func BenchmarkFeed(b *testing.B) {
	for _, format := range []string{"pcap", "pcapng"} {
		b.Run(format, func(b *testing.B) {
			sum := 0
			r := NewReader(func(f *Frame) error { sum += len(f.Data); return nil })
			head, records := steady(format)
			if err := r.Feed(head); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(records)))
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Feed(records); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds()/1e6, "Mframes/s")
		})
	}
}
