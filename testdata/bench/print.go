package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// median is that of one property of the runs.
func median[V cmp.Ordered](runs []measured, of func(measured) V) V {
	var values []V
	for _, r := range runs {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func cpu(r measured) time.Duration    { return r.cpu }
func kernel(r measured) time.Duration { return r.kernel }
func wall(r measured) time.Duration   { return r.wall }
func memory(r measured) int64         { return r.peak }

// report writes a table of all programs; the ratios are to the first one.
func report(w io.Writer, list []*program) {
	load := list[0]
	ours := median(load.runs, cpu)
	packets := float64(load.told.Frames)
	fmt.Fprintf(w, "%s\n%d frames, %d rows, %d MPTCP connections\n\n", machine(), load.told.Frames, load.told.Kept, load.told.Conns)
	fmt.Fprintf(w, "%-14s %10s %9s %10s %12s %9s %12s\n", "", "user+sys s", "of it sys", "wall s", "Mpackets/s", "peak MB", "CPU to load")
	for _, p := range list {
		c, part := median(p.runs, cpu).Seconds(), p.part(packets)
		fmt.Fprintf(w, "%-14s %10.3f %9.3f %10.3f %12.2f %9.1f %12.2f", p.name, c, median(p.runs, kernel).Seconds(), median(p.runs, wall).Seconds(),
			packets*part/c/1e6, float64(median(p.runs, memory))/1e6, c/part/ours.Seconds())
		if part < 1 {
			fmt.Fprintf(w, "  for %d packets; the ratio is a packet's", p.most)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	compareExports(w, list, packets)
	for _, p := range list {
		if p.ours {
			fmt.Fprintf(w, "%s: %.3f s of its own, %.4f allocations a packet", p.name, p.told.Seconds, float64(p.told.Mallocs)/packets)
			if p.told.Heap > 0 {
				fmt.Fprintf(w, ", %.1f bytes a packet kept", float64(p.told.Heap)/packets)
			}
			if p.told.Paired > 0 {
				merge := median(p.runs, cpu) - 2*ours
				fmt.Fprintf(w, ", %.3f s of CPU beside two loads, %.2f of one, %d pairs", merge.Seconds(), merge.Seconds()/ours.Seconds(), p.told.Paired)
			}
			fmt.Fprintln(w)
		}
	}
}

// part is which part of the packets the program was given.
func (p *program) part(packets float64) float64 {
	if p.most == 0 {
		return 1
	}
	return min(1, float64(p.most)/packets)
}

// compareExports says how writing tables compares, where it was measured: to tshark that writes the same columns, to one
// another.
func compareExports(w io.Writer, list []*program, packets float64) {
	seconds := map[string]float64{}
	for _, p := range list {
		seconds[p.name] = median(p.runs, cpu).Seconds() / p.part(packets)
	}
	csv := seconds["export csv"]
	if csv == 0 {
		return
	}
	fmt.Fprintf(w, "export csv: %.2f million rows a second of CPU", packets/csv/1e6)
	if tshark := seconds["tshark 38"]; tshark > 0 {
		fmt.Fprintf(w, ", %.0f times quicker than tshark writes the same columns", tshark/csv)
	}
	if parquet := seconds["export parquet"]; parquet > 0 {
		fmt.Fprintf(w, "; parquet takes %.2f times as long", parquet/csv)
	}
	fmt.Fprintln(w)
}
