package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// window shows a chart in the system's browser, from a temporary file, and tells where that is. Where there is no browser
// to be asked the file is all there is.
func (t *terminal) window(c *display.Chart) error {
	f, err := os.CreateTemp("", "mptcpanalyzer-*.html")
	if err != nil {
		return err
	}
	err = echarts.File(f, c)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	program, args := viewer()
	if _, err := exec.LookPath(program); err != nil {
		fmt.Fprintf(t.stderr, "wrote %s (%s, which would show it, is not installed)\n", f.Name(), program)
		return nil
	}
	show := exec.Command(program, append(args, f.Name())...)
	if err := show.Start(); err != nil {
		return fmt.Errorf("showing %s: %w", f.Name(), err)
	}
	go func() { _ = show.Wait() }() // its end is of no interest, but it must not stay a zombie
	fmt.Fprintf(t.stderr, "wrote %s\n", f.Name())
	return nil
}

// viewer is the program that opens a file as the user likes it.
func viewer() (program string, args []string) {
	switch runtime.GOOS {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	}
	return "xdg-open", nil
}
