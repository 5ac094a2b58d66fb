package main

import (
	"os"
	"testing"

	"github.com/adrg/xdg"
)

// TestMain keeps the tests away from the user's own files.
func TestMain(m *testing.M) {
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
