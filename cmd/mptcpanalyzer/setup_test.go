package main

import (
	"os"
	"os/exec"
	"strings"
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
	keepGoCaches()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"} {
		os.Setenv(name, home)
	}
	xdg.Reload()
	status := m.Run()
	os.RemoveAll(home)
	os.Exit(status)
}

// keepGoCaches lets the tests that build programs use Go's caches, which else lie below the folders that are replaced.
func keepGoCaches() {
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		if dir, err := exec.Command("go", "env", name).Output(); err == nil {
			os.Setenv(name, strings.TrimSpace(string(dir)))
		}
	}
}
