package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/build/flow"
)

const ours = "github.com/mptcpanalyzer/mptcpanalyzer"

// notInlined are packages whose functions stay calls in the module: those that work once a command, not once a packet. What
// is inlined is there many times, which takes an eighth of the download; packets do not pass here.
var notInlined = []string{
	ours + "/core", ours + "/core/analysis", ours + "/core/export/...", ours + "/core/match", ours + "/core/numerics/...",
	ours + "/core/sheet", ours + "/core/spelling", ours + "/core/style", ours + "/core/where", ours + "/display/...", ours + "/wasm/...",
	"crypto/...", "encoding/csv", "encoding/json", "fmt", "html/...", "log", "math/big", "net", "net/url", "os", "path/...", "reflect",
	"regexp/...", "strconv", "syscall", "text/...", "time",
	"github.com/clipperhouse/...", "github.com/expr-lang/...", "github.com/go-echarts/...", "github.com/jedib0t/...",
	"github.com/mattn/...", "golang.org/x/...",
}

// compile builds the WebAssembly module.
func compile(root string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "mptcp-wasm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	module := filepath.Join(dir, "mptcp.wasm")
	profile := filepath.Join("testdata", "bench", "load.pgo") // made natively; loading takes a tenth less with it here, too
	args := []string{"build", "-trimpath", "-ldflags=-w", "-pgo=" + profile, "-o", module}
	for _, name := range notInlined {
		args = append(args, "-gcflags="+name+"=-l")
	}
	cmd := exec.Command("go", append(args, "./wasm")...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("compiling for the browser: %w", err)
	}
	compiled, err := os.ReadFile(module)
	if err != nil {
		return nil, err
	}
	return flow.Straighten(compiled, ours+"/", ours+"/dissect/") // loading takes a quarter less with it, and a twentieth of the rest
}
