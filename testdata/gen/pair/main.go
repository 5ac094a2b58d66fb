// Pair makes, of a capture that testdata/gen/bulk wrote at the client, the one that the server would have made, for
// measuring how quickly two captures are brought together:
//
//	go run ./testdata/gen/bulk -packets 1000000 -o client.pcap
//	go run ./testdata/gen/pair -o server.pcap client.pcap
//
// Every frame takes 20 ms or a little more, another time for each path; the server's clock is 1.5 s ahead and gains 30
// ppm; one frame in 200 is lost. The same file gives the same bytes.
package main

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
)

func main() {
	out := flag.String("o", "", "file to write")
	flag.Parse()
	if flag.NArg() != 1 || *out == "" {
		fmt.Fprintln(os.Stderr, "usage: pair -o SERVER.pcap CLIENT.pcap")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "pair:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	in, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(transform(in, w), w.Flush(), f.Close())
}

// The clock of the server.
const (
	ahead = 1_500_000 // µs
	gain  = 30e-6
	lost  = 0.005
)

// record is a frame of the capture with its header.
type record struct {
	at  int64 // µs, by the server's clock
	raw []byte
}

// transform writes the server's view of a little-endian pcap file with times in µs, whose frames are bulk's.
func transform(in []byte, out io.Writer) error {
	le := binary.LittleEndian
	if len(in) < 24 || le.Uint32(in) != 0xa1b2c3d4 {
		return errors.New("not a capture that testdata/gen/bulk wrote")
	}
	dice := rand.New(rand.NewPCG(1, 0x9a12))
	var list []record
	zero := int64(-1)
	for b := in[24:]; len(b) > 0; {
		if len(b) < 16 || len(b) < 16+int(le.Uint32(b[8:])) {
			return errors.New("the capture is cut")
		}
		n := 16 + int(le.Uint32(b[8:]))
		r := record{at: int64(le.Uint32(b))*1e6 + int64(le.Uint32(b[4:])), raw: b[:n]}
		b = b[n:]
		if zero < 0 {
			zero = r.at
		}
		r.at += delay(r.raw[16:], dice)
		r.at += ahead + int64(float64(r.at-zero)*gain)
		if dice.Float64() >= lost {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b record) int { return cmp.Compare(a.at, b.at) })
	if _, err := out.Write(in[:24]); err != nil {
		return err
	}
	for _, r := range list {
		le.PutUint32(r.raw, uint32(r.at/1e6))
		le.PutUint32(r.raw[4:], uint32(r.at%1e6))
		if _, err := out.Write(r.raw); err != nil {
			return err
		}
	}
	return nil
}

// delay is how much later than at the client a frame is seen at the server, in µs: less than nothing where the server
// sent it. bulk's Ethernet addresses say where it goes to and on which subflow.
func delay(frame []byte, dice *rand.Rand) int64 {
	const path, end = 4, 5
	d := 20_000 + int64(frame[path])*700 + int64(dice.ExpFloat64()*40)
	if frame[end] == 0 {
		return -d
	}
	return d
}
