package cache_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/cache"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// copied is a capture of the project's own, in a folder of the test.
func copied(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(coretest.Captures(), name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// put keeps a capture and gives its trace.
func put(t *testing.T, c *cache.Cache, file string) *trace.Trace {
	t.Helper()
	_, ticket, _ := c.Find(context.Background(), []string{file})
	made := coretest.Trace(t, file)
	if err := c.Keep(context.Background(), ticket, []string{file}, made, time.Second); err != nil {
		t.Fatal(err)
	}
	return made
}

func find(t *testing.T, c *cache.Cache, files ...string) (*trace.Trace, error) {
	t.Helper()
	found, _, err := c.Find(context.Background(), files)
	return found, err
}

// size is how much the files of a folder hold.
func size(t *testing.T, dir string) (total int64) {
	t.Helper()
	for _, f := range files(t, dir) {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Join(dir, e.Name()))
	}
	return names
}

func newCache(t *testing.T) *cache.Cache {
	return &cache.Cache{Dir: filepath.Join(t.TempDir(), "a", "cache"), Limit: 1 << 30, Always: true}
}

func TestKeepAndFind(t *testing.T) {
	c, file := newCache(t), copied(t, "handover.client.pcapng")
	if found, err := find(t, c, file); found != nil || err != nil {
		t.Errorf("found %v, %v before anything was kept", found, err)
	}
	was := put(t, c, file)
	is, err := find(t, c, file)
	if err != nil || is == nil || !reflect.DeepEqual(was.Conns, is.Conns) || was.Len() != is.Len() {
		t.Fatalf("not found as it was: %v", err)
	}
	kept := files(t, c.Dir)
	if len(kept) != 1 {
		t.Fatalf("%d files, want 1", len(kept))
	}
	info, _ := os.Stat(kept[0])
	folder, _ := os.Stat(c.Dir)
	if info.Mode().Perm() != 0o600 || folder.Mode().Perm() != 0o700 {
		t.Errorf("modes %v and %v are not private", info.Mode(), folder.Mode())
	}
	moved := file + ".moved"
	if err := os.Rename(file, moved); err != nil {
		t.Fatal(err)
	}
	if found, _ := find(t, c, moved); found == nil {
		t.Error("a moved capture is not found")
	}
	if found, _ := find(t, c, moved, moved); found != nil {
		t.Error("one capture is found as two parts")
	}
	c.Renew = true
	if found, _ := find(t, c, moved); found != nil {
		t.Error("what is to be renewed is found")
	}
}

func TestChangedCapture(t *testing.T) {
	c, file := newCache(t), copied(t, "handover.client.pcapng")
	put(t, c, file)
	info, _ := os.Stat(file)
	for name, change := range map[string]func(){
		"a byte": func() {
			f, _ := os.OpenFile(file, os.O_RDWR, 0)
			f.WriteAt([]byte{0xaa}, 100)
			f.Close()
			os.Chtimes(file, info.ModTime(), info.ModTime())
		},
		"its time": func() { os.Chtimes(file, info.ModTime(), info.ModTime().Add(time.Nanosecond)) },
		"its size": func() { os.Truncate(file, info.Size()-1); os.Chtimes(file, info.ModTime(), info.ModTime()) },
	} {
		change()
		if found, err := find(t, c, file); found != nil || err != nil {
			t.Errorf("found, though %s has changed (%v)", name, err)
		}
	}
	_, ticket, _ := c.Find(context.Background(), []string{file})
	made := coretest.Trace(t, file)
	os.Chtimes(file, time.Time{}, time.Now())
	before := len(files(t, c.Dir))
	if err := c.Keep(context.Background(), ticket, []string{file}, made, time.Second); err != nil || len(files(t, c.Dir)) != before {
		t.Errorf("a capture that changed while it was read was kept (%v)", err)
	}
}

// The second capture has enough packets for stretches of rows of their own.
func TestNotTrusted(t *testing.T) {
	for _, name := range []string{"fallback.client.pcapng", "two-path-upload.client.pcapng"} {
		t.Run(name, func(t *testing.T) { notTrusted(t, name) })
	}
}

func notTrusted(t *testing.T, name string) {
	c, file := newCache(t), copied(t, name)
	was := put(t, c, file)
	kept := files(t, c.Dir)[0]
	whole, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += 1 + len(whole)/200 {
		for _, damage := range []func([]byte) []byte{
			func(b []byte) []byte { return b[:i] },
			func(b []byte) []byte { b[i] ^= 1; return b },
		} {
			if err := os.WriteFile(kept, damage(append([]byte(nil), whole...)), 0o600); err != nil {
				t.Fatal(err)
			}
			if found, err := find(t, c, file); found != nil || err == nil {
				t.Fatalf("byte %d: a damaged file was read (%v)", i, err)
			}
		}
	}
	for text, want := range map[string]string{"": "no file of this cache", "something else entirely": "no file of this cache", string(whole[:13]) + "\x01\x00\x00\x00x": "no file of this cache"} {
		os.WriteFile(kept, []byte(text), 0o600)
		if _, err := find(t, c, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	other := append([]byte(nil), whole...)
	other[20] ^= 1 // in the maker's name
	os.WriteFile(kept, other, 0o600)
	if _, err := find(t, c, file); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a file of another version: %v", err)
	}
	put(t, c, file)
	if is, err := find(t, c, file); err != nil || is == nil || is.Len() != was.Len() {
		t.Errorf("it was not made anew: %v", err)
	}
}

func TestLimit(t *testing.T) {
	c := newCache(t)
	first, second, third := copied(t, "fallback.client.pcapng"), copied(t, "handover.client.pcapng"), copied(t, "fastclose.client.pcapng")
	put(t, c, first)
	before := size(t, c.Dir)
	put(t, c, second)
	c.Limit = before + (size(t, c.Dir)-before)*2/3 // no room for the second
	old := time.Now().Add(-time.Minute)
	for _, f := range files(t, c.Dir) {
		os.Chtimes(f, old, old)
	}
	if found, _ := find(t, c, first); found == nil {
		t.Fatal("the first is not there")
	}
	unfinished := filepath.Join(c.Dir, ".unfinished-x")
	os.WriteFile(unfinished, nil, 0o600)
	os.Chtimes(unfinished, old.Add(-time.Hour), old.Add(-time.Hour))
	put(t, c, third)
	if found, _ := find(t, c, second); found != nil {
		t.Error("what was unused for longest stayed")
	}
	if found, _ := find(t, c, third); found == nil {
		t.Error("what was kept last is gone")
	}
	if _, err := os.Stat(unfinished); err == nil {
		t.Error("a file that nobody finishes stayed")
	}
	c.Limit = 100
	kept := len(files(t, c.Dir))
	put(t, c, second)
	if got := len(files(t, c.Dir)); got > kept {
		t.Error("a file larger than the limit was written")
	}
}

func TestClean(t *testing.T) {
	c := newCache(t)
	if n, _, err := c.Clean(); n != 0 || err != nil {
		t.Errorf("no folder: %d, %v", n, err)
	}
	put(t, c, copied(t, "fallback.client.pcapng"))
	foreign := filepath.Join(c.Dir, "notes.txt")
	os.WriteFile(foreign, []byte("mine"), 0o600)
	n, size, err := c.Clean()
	if n != 1 || size == 0 || err != nil {
		t.Errorf("cleaned %d files of %d bytes: %v", n, size, err)
	}
	if left := files(t, c.Dir); len(left) != 1 || left[0] != foreign {
		t.Errorf("left: %v", left)
	}
}

// A folder that cannot be written costs a remark, and nothing else.
func TestUnwritable(t *testing.T) {
	file := copied(t, "fallback.client.pcapng")
	place := filepath.Join(t.TempDir(), "file")
	os.WriteFile(place, nil, 0o600)
	for _, dir := range []string{filepath.Join(place, "cache"), "/proc/nowhere"} {
		c := &cache.Cache{Dir: dir, Limit: 1 << 30, Always: true}
		_, ticket, _ := c.Find(context.Background(), []string{file})
		err := c.Keep(context.Background(), ticket, []string{file}, coretest.Trace(t, file), time.Second)
		if err == nil || !strings.Contains(err.Error(), "nothing is kept") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// So does a disk that is full; nothing half written stays.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=32k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %s", out)
	}
	defer exec.Command("umount", dir).Run()
	c, file := &cache.Cache{Dir: dir, Limit: 1 << 30, Always: true}, copied(t, "handover.client.pcapng")
	_, ticket, _ := c.Find(context.Background(), []string{file})
	err := c.Keep(context.Background(), ticket, []string{file}, coretest.Trace(t, file), time.Second)
	if err == nil || !strings.Contains(err.Error(), "no space") || len(files(t, dir)) != 0 {
		t.Errorf("%v; left: %v", err, files(t, dir))
	}
}

func TestWhatIsNotKept(t *testing.T) {
	file := copied(t, "fallback.client.pcapng")
	for name, c := range map[string]*cache.Cache{"no folder": {Limit: 1, Always: true}, "no room": {Dir: t.TempDir(), Always: true}} {
		if _, ticket, err := c.Find(context.Background(), []string{file}); ticket != "" || err != nil {
			t.Errorf("%s: ticket %q, %v", name, ticket, err)
		}
	}
	c := newCache(t)
	for _, names := range [][]string{{"-"}, {os.DevNull}, {t.TempDir()}, {"nosuch"}, {file, "-"}} {
		if _, ticket, err := c.Find(context.Background(), names); ticket != "" || err != nil {
			t.Errorf("%v: ticket %q, %v", names, ticket, err)
		}
	}
	c.Always = false
	_, ticket, _ := c.Find(context.Background(), []string{file})
	if err := c.Keep(context.Background(), ticket, []string{file}, coretest.Trace(t, file), time.Microsecond); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Dir); err == nil {
		t.Error("what is dissected in no time was kept")
	}
}

// Many at once see whole files or none.
func TestTogether(t *testing.T) {
	c, file := newCache(t), copied(t, "fallback.client.pcapng")
	want := coretest.Trace(t, file).Len()
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 10 {
				put(t, c, file)
				if found, err := find(t, c, file); err != nil || (found != nil && found.Len() != want) {
					t.Errorf("found something else: %v", err)
				}
			}
		}()
	}
	wait.Wait()
}

func TestCancelled(t *testing.T) {
	c, file := newCache(t), copied(t, "fallback.client.pcapng")
	put(t, c, file)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if found, _, _ := c.Find(ctx, []string{file}); found != nil {
		t.Error("a cancelled search found something")
	}
}
