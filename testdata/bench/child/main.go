// Child does one thing to a capture and tells of it as JSON: child read|decode|load|pair CAPTURE [OTHER]. It is a process of its own so
// that its CPU time and memory can be measured from outside, and a program of its own so that these are no other library's.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/testdata/bench/work"
)

func main() {
	args := append(os.Args[1:], "", "", "")
	told, err := work.Do(args[0], args[1], args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(told)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}
