package install

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// options installs a small program that stands in for the kernel.
func options(t *testing.T) Options {
	t.Helper()
	program := filepath.Join(t.TempDir(), "built", "mptcpkernel")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return Options{
		Data: filepath.Join(t.TempDir(), "share", "jupyter"), Name: Name, DisplayName: DisplayName, Program: program,
		Assets: map[string][]byte{"echarts.js": []byte("library")},
	}
}

func install(t *testing.T, o Options) (string, spec) {
	t.Helper()
	dir, err := Install(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, *s
}

func TestInstall(t *testing.T) {
	o := options(t)
	o.Env, o.DisplayName = []string{"MPTCPKERNEL_CHARTS=inline", "A="}, "MPTCP <here>"
	dir, s := install(t, o)
	if dir != filepath.Join(o.Data, "kernels", "mptcpanalyzer") {
		t.Errorf("installed in %s", dir)
	}
	if s.DisplayName != o.DisplayName || s.Language != "mptcpanalyzer" || s.InterruptMode != "message" {
		t.Errorf("%+v", s)
	}
	if s.Env["MPTCPKERNEL_CHARTS"] != "inline" || len(s.Env) != 2 {
		t.Errorf("env %v", s.Env)
	}
	if got := strings.Join(s.Argv[1:], " "); got != "run --name mptcpanalyzer {connection_file}" {
		t.Errorf("argv %q", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "echarts.js")); err != nil || string(b) != "library" {
		t.Errorf("echarts.js: %q, %v", b, err)
	}
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if c, err := png.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != size || c.Height != size {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	var any map[string]any
	b, _ := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err := json.Unmarshal(b, &any); err != nil || any["kernel_protocol_version"] != nil {
		t.Errorf("kernel.json: %v, %v (a protocol version would promise a handshake)", err, any)
	}
}

// A program that may be gone tomorrow is copied; one on PATH is named where it stands.
func TestProgramThatStaysAndOneThatDoesNot(t *testing.T) {
	o := options(t)
	dir, s := install(t, o)
	if s.Argv[0] != filepath.Join(dir, "mptcpkernel") {
		t.Errorf("temporary: argv %v", s.Argv)
	}
	if info, err := os.Stat(s.Argv[0]); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("the copy cannot be run: %v", err)
	}
	home := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir()) // so that home is no temporary folder
	kept := filepath.Join(home, "mptcpkernel")
	if err := copyFile(kept, o.Program, 0o755); err != nil {
		t.Fatal(err)
	}
	o.Program = kept
	if dir, s := install(t, o); s.Argv[0] != filepath.Join(dir, "mptcpkernel") {
		t.Errorf("not on PATH: argv %v", s.Argv)
	}
	t.Setenv("PATH", home+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir, s = install(t, o)
	if s.Argv[0] != kept {
		t.Errorf("on PATH: argv %v", s.Argv)
	}
	if _, err := os.Stat(filepath.Join(dir, "mptcpkernel")); err == nil {
		t.Error("the copy of the earlier installation is still there")
	}
}

func TestReplaceAndUninstall(t *testing.T) {
	o := options(t)
	dir, _ := install(t, o)
	install(t, o)
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if removed, err := Uninstall(o.Data, o.Name); err != nil || removed != dir {
		t.Errorf("%s, %v", removed, err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("still there: %v", err)
	}
	if _, err := Uninstall(o.Data, o.Name); err == nil {
		t.Error("removed twice")
	}
}

func TestOthersAreLeftAlone(t *testing.T) {
	o := options(t)
	dir := folder(o.Data, o.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), []byte(`{"argv":["python3"],"language":"python"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(o); err == nil {
		t.Error("another kernel was replaced")
	}
	if _, err := Uninstall(o.Data, o.Name); err == nil {
		t.Error("another kernel was removed")
	}
	if s, err := read(dir); err != nil || s.Language != "python" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestBadOptions(t *testing.T) {
	for _, change := range []func(*Options){
		func(o *Options) { o.Name = "" },
		func(o *Options) { o.Name = "../up" },
		func(o *Options) { o.Name = "a b" },
		func(o *Options) { o.Name = ".." },
		func(o *Options) { o.Env = []string{"NOVALUE"} },
		func(o *Options) { o.Env = []string{"=x"} },
		func(o *Options) { o.Program = "/nonexistent/mptcpkernel" },
	} {
		o := options(t)
		change(&o)
		if dir, err := Install(o); err == nil {
			t.Errorf("%+v was installed in %s", o, dir)
		}
		if left, _ := filepath.Glob(filepath.Join(o.Data, "kernels", "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	t.Setenv("VIRTUAL_ENV", "/venv")
	t.Setenv("JUPYTER_PATH", "/one"+string(os.PathListSeparator)+"/data")
	if dir, err := UserData(); err != nil || dir != "/data" {
		t.Errorf("%s, %v", dir, err)
	}
	got := strings.Join(DataPath(), " ")
	if want := "/one /data /venv/share/jupyter /usr/local/share/jupyter /usr/share/jupyter"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
