package main

import (
	"fmt"
	"io"
	"os/exec"
)

// page measures the page in a browser, by the benchmarks of its tests: see wasm/figures_test.go.
func page(w io.Writer, rounds int) error {
	fmt.Fprintln(w)
	cmd := exec.Command("go", "test", "./wasm", "-run", "^$", "-bench", ".", "-benchtime", fmt.Sprintf("%dx", rounds), "-timeout", "1h")
	cmd.Stdout, cmd.Stderr = w, w
	return cmd.Run()
}
