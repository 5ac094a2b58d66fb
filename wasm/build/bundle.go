package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// alone are the scripts that a browser loads by themselves; all others go into app.js or worker.js, so that they come in one
// request instead of one after another.
var alone = []string{"theme.js", "parts.js", "sw.js"}

// web is the folder of the page's sources.
func web(root string) string { return filepath.Join(root, "wasm", "web") }

// bundleApp puts the scripts of the page into one.
func (f files) bundleApp(root string) error {
	app, err := bundle(root, "app.js", api.FormatESModule, api.Plugin{Name: "apart", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./parts\.js$`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: a.Path, External: true}, nil
		})
	}})
	if err != nil {
		return err
	}
	for name := range f {
		if strings.HasSuffix(name, ".js") && !slices.Contains(alone, name) {
			delete(f, name)
		}
	}
	f["app.js"] = []byte(app)
	return nil
}

// bundleWorker puts the scripts of the worker into one, Go's own among them.
func (f files) bundleWorker(root, goScript string) error {
	worker, err := bundle(root, "worker.js", api.FormatESModule, withGo(goScript))
	if err != nil {
		return err
	}
	f["worker.js"] = []byte(worker)
	return nil
}

// bundle puts a module and all that it imports into one script.
func bundle(root, name string, format api.Format, plugins ...api.Plugin) (string, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(web(root), name)}, AbsWorkingDir: root, Bundle: true, Format: format,
		Target: api.ES2022, Charset: api.CharsetUTF8, MinifyWhitespace: true, MinifySyntax: true, LogLevel: api.LogLevelSilent,
		LegalComments: api.LegalCommentsNone, Plugins: plugins,
	})
	if len(result.Errors) > 0 {
		e := result.Errors[0]
		return "", fmt.Errorf("bundling %s: %s", name, e.Text)
	}
	return string(result.OutputFiles[0].Contents), nil
}
