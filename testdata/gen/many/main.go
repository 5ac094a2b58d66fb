// Many writes a capture of many short Multipath TCP connections, for what is done with all of them at once:
//
//	go run ./testdata/gen/many -connections 100000 -o many.pcapng
//
// Every connection sends some kilobytes each way over one or two subflows. One in ten falls back, by turns for each cause
// that a short script can tell; one in seven reinjects, one in five retransmits, and one in three delivers out of order.
// The same arguments give the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
)

func main() {
	connections := flag.Int("connections", 100_000, "number of connections")
	out := flag.String("o", "", "file to write, standard output if empty")
	flag.Parse()
	if err := run(*connections, *out); err != nil {
		fmt.Fprintln(os.Stderr, "many:", err)
		os.Exit(1)
	}
}

func run(connections int, name string) error {
	var b strings.Builder
	for i := range connections {
		script(&b, i)
	}
	file, err := dissecttest.Capture(b.String())
	if err != nil {
		return err
	}
	if name == "" {
		_, err = os.Stdout.Write(file)
		return err
	}
	return os.WriteFile(name, file, 0o644)
}

// script writes the packets of connection i.
func script(b *strings.Builder, i int) {
	first, second := 2*i, 2*i+1
	fmt.Fprintf(b, "key C 0x%016x\nkey S 0x%016x\n", uint64(i+1)*0x9e3779b97f4a7c15, uint64(i+1)*0xc2b2ae3d27d4eb4f)
	host := fmt.Sprintf("%d.%d", i>>15, i>>7&255)
	fmt.Fprintf(b, "flow %d 10.%s.1:%d 192.0.2.1:443\n", first, host, 10_000+i&127*2)
	fmt.Fprintf(b, "flow %d 10.%s.2:%d 192.0.2.1:443\n", second, host, 10_001+i&127*2)
	at := i * 137 // µs
	line := func(format string, a ...any) {
		at += 900
		fmt.Fprintf(b, "%d.%06d ", at/1_000_000, at%1_000_000)
		fmt.Fprintf(b, format+"\n", a...)
	}
	line("C>S %d S mss=1460 mp_capable", first)
	if i%10 == 0 {
		fallBack(line, first, i/10%4)
		return
	}
	line("S>C %d S. mss=1460 mp_capable", first)
	line("C>S %d . mp_capable", first)
	line("C>S %d P. len=400 mp_capable dlen=400", first)
	line("S>C %d . dss ack8=401", first)
	line("S>C %d P. len=1400 dss dsn8=1 ssn=1 ack8=401", first)
	line("S>C %d P. len=%d dss dsn8=1401 ssn=1401 ack8=401", first, 1+i%1400)
	line("C>S %d . dss ack8=%d", first, 1402+i%1400)
	if i%2 == 0 {
		join(line, first, second, i)
	}
	if i%5 == 0 {
		line("C>S %d P. seq=1 len=400 dss dsn8=1 ssn=1 ack8=1401", first)
	}
	line("C>S %d F. dss ack8=1401", first)
	line("S>C %d F. dss ack8=401", first)
}

// join opens a second subflow, over which data comes in order, before its turn, or again.
func join(line func(string, ...any), first, second, i int) {
	line("C>S %d S mp_join id=2", second)
	line("S>C %d S. mp_join", second)
	line("C>S %d . mp_join", second)
	line("S>C %d . dss ack8=401", second)
	switch {
	case i%3 == 0: // before its turn
		line("C>S %d P. len=300 dss dsn8=701 ssn=1 ack8=1401", second)
		line("S>C %d . dss ack8=401", second)
		line("C>S %d P. len=300 dss dsn8=401 ssn=401 ack8=1401", first)
		line("S>C %d . dss ack8=1001", first)
	case i%7 == 0: // again
		line("C>S %d P. len=400 dss dsn8=1 ssn=1 ack8=1401", second)
		line("S>C %d . dss ack8=401", second)
	default:
		line("C>S %d P. len=300 dss dsn8=401 ssn=1 ack8=1401", second)
		line("S>C %d . dss ack8=701", second)
	}
}

// fallBack ends a connection that began with MP_CAPABLE in one of four ways.
func fallBack(line func(string, ...any), flow, how int) {
	switch how {
	case 0: // no answer
		return
	case 1:
		line("S>C %d R.", flow)
		return
	case 2:
		line("S>C %d S. mss=1460", flow)
		line("C>S %d .", flow)
	case 3:
		line("S>C %d S. mss=1460 mp_capable", flow)
		line("C>S %d .", flow)
	}
	line("C>S %d P. len=400", flow)
	line("S>C %d .", flow)
	line("S>C %d P. len=900", flow)
	line("C>S %d .", flow)
	line("C>S %d F.", flow)
}
