// Command build makes the page: a folder that any static host can serve, from any path.
//
//	go run ./wasm/build [-o wasm/dist]
//
// In it, index.html names a folder that is called after a hash of all it holds: scripts, wasm_exec.js of the same Go among
// them, styles, and the WebAssembly module. Browsers may keep that folder for ever, and never mix two versions. Beside it lie the
// sample captures, and mptcpanalyzer.html: the same page in one file, which opens from a disk. The same sources and the same Go give the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

func main() {
	out := flag.String("o", "wasm/dist", "the folder to write; what it held is replaced")
	flag.Parse()
	if err := build(*out); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// singleFile is the page once more, whole in one file.
const singleFile = "mptcpanalyzer.html"

// files are contents by path, with slashes.
type files map[string][]byte

func build(out string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	goroot, err := goEnv("GOROOT")
	if err != nil {
		return err
	}
	goScript := filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")
	assets, err := collect(root, goScript)
	if err != nil {
		return err
	}
	version := assets.version()
	page := files{}
	for name, content := range assets {
		if !stamped(name) {
			page[version+"/"+name] = content
		}
	}
	if err := page.addSamples(root, assets["samples.json"]); err != nil {
		return err
	}
	if err := page.stamp(assets, version); err != nil {
		return err
	}
	whole, err := single(root, goScript, assets)
	if err != nil {
		return err
	}
	page[singleFile] = whole
	if err := page.write(out); err != nil {
		return err
	}
	fmt.Printf("%s: version %s\n", out, version)
	return page.report(version)
}

// stamped says whether a file lies beside the folder of its version and names it.
func stamped(name string) bool { return name == "index.html" || name == "sw.js" }

// stamp adds the files that name the version, after all others: the service worker lists them.
func (f files) stamp(assets files, version string) error {
	list, err := json.Marshal(append([]string{"./"}, slices.Sorted(maps.Keys(f))...))
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("{{assets}}", version, "{{policy}}", site.Policy, "{{files}}", string(list))
	for name, content := range assets {
		if stamped(name) {
			f[name] = []byte(fill.Replace(string(content)))
		}
	}
	return nil
}

// moduleRoot is the folder of go.mod.
func moduleRoot() (string, error) {
	mod, err := goEnv("GOMOD")
	if err != nil {
		return "", err
	}
	return filepath.Dir(mod), nil
}

func goEnv(name string) (string, error) {
	text, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// collect reads and makes everything but the samples.
func collect(root, goScript string) (files, error) {
	assets := files{"tokens.css": tokens()}
	if err := assets.read(web(root)); err != nil {
		return nil, err
	}
	if err := assets.bundleApp(root); err != nil {
		return nil, err
	}
	if err := assets.bundleWorker(root, goScript); err != nil {
		return nil, err
	}
	var err error
	if assets["echarts.js"], err = echarts.Library(); err != nil {
		return nil, err
	}
	assets["mptcp-chart.js"] = echarts.Script()
	for name, text := range echarts.Licences() {
		assets[name+".txt"] = text
	}
	assets["mptcp.wasm"], err = compile(root)
	return assets, err
}

// read adds the files of a folder.
func (f files) read(folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f[filepath.Base(name)] = content
	}
	return nil
}

// tokens is the palette as custom properties, so that page, charts and tables share their colours.
func tokens() []byte {
	var b bytes.Buffer
	b.WriteString(":root {\n")
	dark := display.Dark().Tokens()
	for i, t := range display.Light().Tokens() {
		fmt.Fprintf(&b, "\t--%s: light-dark(%s, %s);\n", t.Name, t.Colour.Hex(), dark[i].Colour.Hex())
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// version is a hash of names and contents.
func (f files) version() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(h, "%s %d\n", name, len(f[name]))
		h.Write(f[name])
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:6])
}

// addSamples adds the captures that samples.json names.
func (f files) addSamples(root string, list []byte) error {
	var samples []struct{ File string }
	if err := json.Unmarshal(list, &samples); err != nil {
		return fmt.Errorf("samples.json: %w", err)
	}
	for _, s := range samples {
		content, err := os.ReadFile(filepath.Join(root, "testdata", "captures", s.File))
		if err != nil {
			return fmt.Errorf("samples.json: %w", err)
		}
		f["samples/"+s.File] = content
	}
	return nil
}

// write replaces the folder in one step, so that a server never sees half a page.
func (f files) write(out string) error {
	fresh := out + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	for name, content := range f {
		target := filepath.Join(fresh, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	return os.Rename(fresh, out)
}

// report prints what a first visit loads, as it is and as a host sends it that compresses.
func (f files) report(version string) error {
	var raw, packed int
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if strings.HasPrefix(name, "samples/") || name == singleFile {
			continue
		}
		z, err := gzipped(f[name])
		if err != nil {
			return err
		}
		raw, packed = raw+len(f[name]), packed+len(z)
		if len(f[name]) > 100_000 {
			fmt.Printf("  %-22s %9d bytes, %8d with gzip\n", strings.TrimPrefix(name, version+"/"), len(f[name]), len(z))
		}
	}
	fmt.Printf("  %-22s %9d bytes, %8d with gzip\n", "all but the samples", raw, packed)
	fmt.Printf("  %-22s %9d bytes, the same page in one file\n", singleFile, len(f[singleFile]))
	return nil
}
