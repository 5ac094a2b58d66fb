package main

import (
	"os"
	"testing"

	"github.com/adrg/xdg"
)

// asProgram, set in the environment, makes the test binary the program itself: so a terminal can have it without a build.
const asProgram = "MPTCPANALYZER_TEST_AS_PROGRAM"

// TestMain keeps the tests away from the user's own files.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	home, err := os.MkdirTemp("", "mptcpanalyzer-home-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"} {
		os.Setenv(name, home)
	}
	xdg.Reload()
	status := m.Run()
	os.RemoveAll(home)
	os.Exit(status)
}
