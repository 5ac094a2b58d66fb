package install

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// patient is an installation in the only data folder that is searched first.
func patient(t *testing.T) (Options, string, Health) {
	t.Helper()
	o := options(t)
	t.Setenv("JUPYTER_DATA_DIR", o.Data)
	t.Setenv("JUPYTER_PATH", "")
	t.Setenv("VIRTUAL_ENV", t.TempDir())
	dir, _ := install(t, o)
	return o, dir, Health{Name: o.Name, Version: "1.0", Assets: o.Assets}
}

// problems gives those of an examination, each with its cure.
func problems(t *testing.T, h Health) string {
	t.Helper()
	var found []string
	for _, f := range Examine(h) {
		if f.Problem == "" {
			continue
		}
		if f.Cure == "" {
			t.Errorf("%s: %s: no cure", f.What, f.Problem)
		}
		found = append(found, f.What+": "+f.Problem)
	}
	return strings.Join(found, "\n")
}

func TestDoctorFinds(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, o Options, dir string, h *Health)
		want  string
	}{
		{"no kernelspec", func(t *testing.T, _ Options, dir string, _ *Health) { remove(t, dir) }, "kernelspec mptcpanalyzer: in none of"},
		{"broken kernel.json", func(t *testing.T, _ Options, dir string, _ *Health) {
			write(t, filepath.Join(dir, "kernel.json"), "{")
		}, "kernel.json: cannot be used"},
		{"no kernel.json", func(t *testing.T, _ Options, dir string, _ *Health) {
			remove(t, filepath.Join(dir, "kernel.json"))
		}, "kernelspec mptcpanalyzer: in none of"},
		{"another language", respell(`"language": "mptcpanalyzer"`, `"language": "python"`), `kernel.json: its language is "python"`},
		{"interrupts by signal", respell(`"message"`, `"signal"`), `kernel.json: its interrupt_mode is "signal"`},
		{"another name", respell("\"--name\",\n    \"mptcpanalyzer\"", `"--name", "old"`), "kernel.json: its argv names the kernelspec old"},
		{"another protocol", respell(`"metadata"`, `"kernel_protocol_version": "5.6", "metadata"`), "kernel.json: it promises protocol 5.6"},
		{"logo gone", func(t *testing.T, _ Options, dir string, _ *Health) {
			remove(t, filepath.Join(dir, "logo-64x64.png"))
		}, "logo-64x64.png: missing"},
		{"no argv", func(t *testing.T, _ Options, dir string, _ *Health) {
			write(t, filepath.Join(dir, "kernel.json"), `{"language":"mptcpanalyzer"}`)
		}, "kernel.json: cannot be used"},
		{"no connection file", func(t *testing.T, _ Options, dir string, _ *Health) {
			write(t, filepath.Join(dir, "kernel.json"), `{"argv":["/bin/sh"],"language":"mptcpanalyzer"}`)
		}, "argv has no {connection_file}"},
		{"program gone", func(t *testing.T, _ Options, dir string, _ *Health) { remove(t, filepath.Join(dir, "mptcpkernel")) }, "cannot be run"},
		{"program not executable", func(t *testing.T, _ Options, dir string, _ *Health) {
			if err := os.Chmod(filepath.Join(dir, "mptcpkernel"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "cannot be run"},
		{"program that is no kernel", func(*testing.T, Options, string, *Health) {}, "it does not answer"},
		{"chart library gone", func(t *testing.T, _ Options, dir string, _ *Health) { remove(t, filepath.Join(dir, "echarts.js")) }, "echarts.js: missing"},
		{"chart library of another version", func(_ *testing.T, _ Options, _ string, h *Health) {
			h.Assets = map[string][]byte{"echarts.js": []byte("newer")}
		}, "echarts.js: of another version"},
		{"no jupyter", func(t *testing.T, _ Options, _ string, _ *Health) { t.Setenv("PATH", t.TempDir()) }, "Jupyter: not on PATH"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, dir, h := patient(t)
			tc.spoil(t, o, dir, &h)
			if got := problems(t, h); !strings.Contains(got, tc.want) {
				t.Errorf("found:\n%s\nwant %q", got, tc.want)
			}
			if strings.Contains(tc.want, "language") { // not ours any more: the cure says so
				remove(t, dir)
			}
			_, s := install(t, o)
			h.Assets = o.Assets
			e := examination{h, o.Data, dir}
			for _, f := range []Finding{e.examineSpec(&s), e.examineFiles(), e.examineProgram(&s)} {
				if f.Problem != "" {
					t.Errorf("after the cure: %s: %s", f.What, f.Problem)
				}
			}
		})
	}
}

// respell changes a part of kernel.json.
func respell(old, new string) func(*testing.T, Options, string, *Health) {
	return func(t *testing.T, _ Options, dir string, _ *Health) {
		path := filepath.Join(dir, "kernel.json")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(b), old, new, 1)
		if changed == string(b) {
			t.Fatalf("no %s in %s", old, b)
		}
		write(t, path, changed)
	}
}

// The cure names the place where the kernelspec is.
func TestCures(t *testing.T) {
	_, dir, h := patient(t)
	user := filepath.Dir(filepath.Dir(dir))
	prefix := t.TempDir()
	for _, tc := range []struct{ data, name, want string }{
		{user, Name, "mptcpkernel install --user"},
		{"", Name, "mptcpkernel install --user"},
		{user, "other", "mptcpkernel install --user --name other"},
		{PrefixData(prefix), Name, "mptcpkernel install --prefix " + prefix},
		{prefix, Name, "remove " + folder(prefix, Name) + ", then: mptcpkernel install --user"},
	} {
		h.Name = tc.name
		e := examination{h, tc.data, folder(tc.data, tc.name)}
		if got := e.reinstall(); got != tc.want {
			t.Errorf("%s in %s: %s, want %s", tc.name, tc.data, got, tc.want)
		}
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
