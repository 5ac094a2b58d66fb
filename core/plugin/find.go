package plugin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// prefix is how the names of plugins' programs begin.
const prefix = "mptcpanalyzer-"

// Place says where plugins are, and what they may not be called.
type Place struct {
	Folder  string // the user's; "" is none
	Path    string // as PATH
	Builtin []*core.Command
	// Known is a file in which descriptions are kept; "" keeps none.
	Known string
	// Limit is how long a plugin may take; nil or 0 is for ever.
	Limit func() time.Duration
	// Patience is how long it may take to describe itself; 0 is 5 seconds.
	Patience time.Duration
}

// Find gives the commands of all plugins, by name. Warnings tell which ones cannot be used, and why.
func Find(ctx context.Context, p Place) (commands []*core.Command, warnings []string) {
	programs := p.programs()
	if len(programs) == 0 {
		return nil, nil
	}
	known := readKnown(p.Known)
	described := make([]*description, len(programs))
	errs := make([]error, len(programs))
	var wait sync.WaitGroup
	for i, program := range programs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			described[i], errs[i] = known.describe(ctx, program, cmp.Or(p.Patience, 5*time.Second))
		}()
	}
	wait.Wait()
	for i, program := range programs {
		name := nameOf(program)
		err := errs[i]
		if err == nil {
			err = taken(name, p.Builtin)
		}
		if err == nil {
			err = described[i].check()
		}
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("plugin %s is left out: %v", program, err))
			continue
		}
		commands = append(commands, described[i].command(name, program, p.Limit))
	}
	known.write(p.Known)
	return commands, warnings
}

// programs lists the plugins' programs, the first of each name, by name.
func (p Place) programs() []string {
	var found []string
	seen := map[string]bool{}
	for _, folder := range append([]string{p.Folder}, filepath.SplitList(p.Path)...) {
		if !filepath.IsAbs(folder) {
			continue
		}
		matches, _ := filepath.Glob(filepath.Join(escape(folder), prefix+"*"))
		for _, program := range matches {
			if name := nameOf(program); !seen[name] && executable(program) {
				seen[name] = true
				found = append(found, program)
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return found
}

// escape keeps a folder's name from being a pattern.
func escape(folder string) string {
	if runtime.GOOS == "windows" {
		return folder
	}
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(folder, `\$0`)
}

// nameOf is the command that a program becomes.
func nameOf(program string) string {
	name := strings.TrimPrefix(filepath.Base(program), prefix)
	if runtime.GOOS == "windows" {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return name
}

func executable(program string) bool {
	info, err := os.Stat(program)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	return runtime.GOOS == "windows" || info.Mode()&0o111 != 0
}

// taken says why a name cannot be a plugin's.
func taken(name string, builtin []*core.Command) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) {
		return fmt.Errorf("%q is no name of a command: small letters, digits and _ are", name)
	}
	for _, c := range builtin {
		if c.Name == name || slices.Contains(c.Aliases, name) {
			return fmt.Errorf("%s is a built-in command", name)
		}
	}
	return nil
}

// known are descriptions made before, by program.
type known struct {
	mu      sync.Mutex
	before  map[string]entry
	now     map[string]entry
	changed bool
}

// entry is a description and the file that gave it.
type entry struct {
	Size        int64           `json:"size"`
	Modified    int64           `json:"modified"` // ns since the epoch
	Description json.RawMessage `json:"description"`
}

func readKnown(file string) *known {
	k := &known{before: map[string]entry{}, now: map[string]entry{}}
	if text, err := os.ReadFile(file); err == nil {
		_ = json.Unmarshal(text, &k.before) // what cannot be read is asked anew
	}
	return k
}

// write keeps the descriptions. Where they cannot be kept, plugins are asked the next time.
func (k *known) write(file string) {
	if file == "" || !k.changed && len(k.now) == len(k.before) {
		return
	}
	text, err := json.Marshal(k.now)
	if err != nil || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".plugins-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if closed := f.Close(); err != nil || closed != nil || os.Rename(f.Name(), file) != nil {
		os.Remove(f.Name())
	}
}

// describe gives a program's description: the one known, if its file has not changed, or what it says now.
func (k *known) describe(ctx context.Context, program string, patience time.Duration) (*description, error) {
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	e := entry{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	old, found := k.before[program]
	fresh := !found || old.Size != e.Size || old.Modified != e.Modified
	e.Description = old.Description
	if fresh {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if e.Description, err = run(ctx, program, []string{"--describe"}, nil); err != nil {
			return nil, err
		}
	}
	d := &description{}
	if err := decode(e.Description, d); err != nil {
		return nil, fmt.Errorf("its description: %w", err)
	}
	k.mu.Lock()
	k.now[program] = e
	k.changed = k.changed || fresh
	k.mu.Unlock()
	return d, nil
}
