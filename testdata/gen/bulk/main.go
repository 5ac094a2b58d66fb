// Bulk writes a large synthetic capture of Multipath TCP, for measuring speed:
//
//	go run ./testdata/gen/bulk -packets 2000000 -snaplen 128 -o bulk.pcap
//
// Ten connections, or another number, of two to four subflows each transfer data in both directions at the same time.
// Handshakes, keys, tokens, HMACs, mappings, data acks, time stamps, checksums and closes are those of RFC 8684 (or, with
// -v0, RFC 6824), in the manner of Linux: a mapping is repeated on every segment it covers. One segment in some hundred is
// lost behind the place of capture and sent again on its subflow; half of those are sent again on another subflow first.
// One connection in five runs over IPv6. The same arguments give the same bytes. -checksum, -bare and -pcapng give the shapes of captures
// that the usual one is not: with DSS checksums, without TCP time stamps, as Wireshark writes files.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	cfg := config{}
	flag.IntVar(&cfg.packets, "packets", 2_000_000, "number of packets to write")
	flag.IntVar(&cfg.snaplen, "snaplen", 128, "most bytes of a packet to write, 0 for all of them")
	flag.BoolVar(&cfg.v0, "v0", false, "MPTCP version 0 (RFC 6824) in place of 1")
	flag.BoolVar(&cfg.checksum, "checksum", false, "DSS checksums (RFC 8684 section 3.3)")
	flag.BoolVar(&cfg.bare, "bare", false, "no TCP time stamps")
	flag.BoolVar(&cfg.pcapng, "pcapng", false, "pcapng in place of pcap")
	flag.Uint64Var(&cfg.seed, "seed", 1, "another seed gives other keys, times and losses")
	flag.IntVar(&cfg.connections, "connections", numConns, "number of connections")
	out := flag.String("o", "", "file to write, standard output if empty")
	flag.Parse()
	if err := run(cfg, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bulk:", err)
		os.Exit(1)
	}
}

func run(cfg config, name string) (err error) {
	var out io.Writer = os.Stdout
	if name != "" {
		f, failed := os.Create(name)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	w := bufio.NewWriterSize(out, 1<<20)
	if err := generate(cfg, w); err != nil {
		return err
	}
	return w.Flush()
}
