package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// single is the page in one file, which opens from a disk: scripts and styles stand in it, the module and the samples as
// packed text. Its policy names each script and style by its hash, and allows no connection at all.
func single(root, goScript string, assets files) ([]byte, error) {
	page := &inliner{assets: assets}
	app, err := bundle(root, "app.js", api.FormatIIFE, withParts(root))
	if err != nil {
		return nil, err
	}
	worker, err := bundle(root, "worker.js", api.FormatIIFE, withParts(root), withGo(goScript))
	if err != nil {
		return nil, err
	}
	text := page.inline(string(assets["index.html"]))
	parts, err := embedded(root, assets, worker)
	if err != nil {
		return nil, err
	}
	end := parts + page.script(app) + "</body>"
	text = strings.Replace(text, "</body>", end, 1)
	if page.err != nil {
		return nil, page.err
	}
	version := assets.version()
	return []byte(strings.NewReplacer("{{policy}}", page.policy(), "{{assets}}", version).Replace(text)), nil
}

// withParts has the single file's parts stand for those beside the page.
func withParts(root string) api.Plugin {
	return api.Plugin{Name: "parts", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./parts\.js$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: filepath.Join(web(root), "single", "parts.js")}, nil
		})
	}}
}

// withGo puts Go's own wasm_exec.js in.
func withGo(script string) api.Plugin {
	return api.Plugin{Name: "go", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./wasm_exec\.js$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: script}, nil
		})
	}}
}

// inliner replaces what a page names by what is named, and keeps the hashes of it.
type inliner struct {
	assets          files
	scripts, styles []string
	err             error
}

// Elements of index.html that name a file of the version's folder.
var (
	scriptTag = regexp.MustCompile(`<script src="\{\{assets\}\}/([^"]*)"[^>]*></script>\n`)
	styleTag  = regexp.MustCompile(`<link rel="stylesheet" href="\{\{assets\}\}/([^"]*)">`)
	iconTag   = regexp.MustCompile(`<link rel="icon" href="\{\{assets\}\}/([^"]*)"`)
	otherTag  = regexp.MustCompile(`<(link|a)\b[^>]* (rel="(apple-touch-icon|manifest)"|data-hosted\b)[^>]*>([^<]*</a>)?\n`)
)

func (p *inliner) inline(text string) string {
	text = otherTag.ReplaceAllString(text, "")
	text = iconTag.ReplaceAllStringFunc(text, func(tag string) string {
		name := iconTag.FindStringSubmatch(tag)[1]
		return `<link rel="icon" href="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString(p.assets[name]) + `"`
	})
	text = styleTag.ReplaceAllStringFunc(text, func(tag string) string {
		return p.style(string(p.assets[styleTag.FindStringSubmatch(tag)[1]]))
	})
	return scriptTag.ReplaceAllStringFunc(text, func(tag string) string {
		name := scriptTag.FindStringSubmatch(tag)[1]
		if name == "app.js" || name == "parts.js" {
			return "" // their bundle stands at the end
		}
		return p.script(string(p.assets[name]))
	})
}

func (p *inliner) script(code string) string {
	if strings.Contains(strings.ToLower(code), "</script") || strings.Contains(code, "<!--") {
		p.err = fmt.Errorf("a script cannot stand in a page: it holds what ends one")
	}
	p.scripts = append(p.scripts, hash(code))
	return "<script>" + code + "</script>\n"
}

func (p *inliner) style(code string) string {
	if strings.Contains(strings.ToLower(code), "</style") {
		p.err = fmt.Errorf("a style cannot stand in a page: it holds what ends one")
	}
	p.styles = append(p.styles, hash(code))
	return "<style>" + code + "</style>"
}

// hash names code in a policy.
func hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (p *inliner) policy() string {
	return "default-src 'none'; script-src 'wasm-unsafe-eval' " + strings.Join(p.scripts, " ") + "; worker-src blob:; style-src " +
		strings.Join(p.styles, " ") + "; img-src data: blob:; base-uri 'none'; form-action 'none'"
}

// embedded are the parts that the page unpacks: see wasm/web/single/parts.js.
func embedded(root string, assets files, worker string) (string, error) {
	samples := files{}
	if err := samples.addSamples(root, assets["samples.json"]); err != nil {
		return "", err
	}
	var list []struct{ File string }
	if err := json.Unmarshal(assets["samples.json"], &list); err != nil {
		return "", err
	}
	var b strings.Builder
	part := func(name, text string) {
		fmt.Fprintf(&b, "<script type=\"text/plain\" id=\"part-%s\">%s</script>\n", html.EscapeString(name), text)
	}
	if strings.Contains(strings.ToLower(worker), "</script") || strings.Contains(worker, "<!--") {
		return "", fmt.Errorf("the worker cannot stand in a page: it holds what ends a script")
	}
	part("worker.js", worker)
	part("samples.json", string(assets["samples.json"]))
	packed, err := pack(assets["mptcp.wasm"])
	if err != nil {
		return "", err
	}
	part("mptcp.wasm", packed)
	for _, s := range list {
		if packed, err = pack(samples["samples/"+s.File]); err != nil {
			return "", err
		}
		part(s.File, packed)
	}
	return b.String(), nil
}

// pack is content with gzip, as text.
func pack(content []byte) (string, error) {
	z, err := gzipped(content)
	return base64.StdEncoding.EncodeToString(z), err
}

func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
