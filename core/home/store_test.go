package home

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// newStore is a cache in a folder.
func newStore(t *testing.T, dir string) *store {
	t.Helper()
	settings, _, err := config.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := settings.Set("cache", dir, "the test"); err != nil {
		t.Fatal(err)
	}
	return &store{settings: settings}
}

// TestKeptBeside holds that a command's end does not end the writing of what it loaded, and that whoever looks waits for it.
func TestKeptBeside(t *testing.T) {
	s := newStore(t, filepath.Join(t.TempDir(), "cache"))
	files := []string{filepath.Join(coretest.Captures(), "handover.client.pcapng")}
	ctx, end := context.WithCancel(context.Background())
	found, ticket, err := s.Find(ctx, files)
	if found != nil || ticket == "" || err != nil {
		t.Fatalf("%v, %q, %v before anything was kept", found, ticket, err)
	}
	made := coretest.Trace(t, files[0])
	if err := s.Keep(ctx, ticket, files, made, time.Minute); err != nil {
		t.Fatal(err)
	}
	end()
	if found, _, err := s.Find(context.Background(), files); err != nil || found == nil || found.Len() != made.Len() {
		t.Fatalf("not found as it was: %v", err)
	}
	if n, _, err := s.Clean(); n != 1 || err != nil {
		t.Errorf("cleaned %d files: %v", n, err)
	}
}

// TestRemarks holds that what could not be kept is told, once.
func TestRemarks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStore(t, filepath.Join(file, "cache"))
	files := []string{filepath.Join(coretest.Captures(), "handover.client.pcapng")}
	_, ticket, _ := s.Find(context.Background(), files)
	if err := s.Keep(context.Background(), ticket, files, coretest.Trace(t, files[0]), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err == nil || !strings.Contains(err.Error(), "nothing is kept") {
		t.Errorf("no remark: %v", err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("told twice: %v", err)
	}
}
