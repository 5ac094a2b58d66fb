package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// inShell runs lines in a shell that has the program on its PATH, and gives what they print.
func inShell(t *testing.T, shell []string, script string) string {
	t.Helper()
	if _, err := exec.LookPath(shell[0]); err != nil {
		t.Skipf("%s is not installed: its completion is not tried", shell[0])
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(folder, "mptcpanalyzer")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	cmd := exec.Command(shell[0], append(shell[1:], script)...)
	cmd.Dir = coretest.Captures()
	cmd.Env = append(os.Environ(), asProgram+"=1", "PATH="+folder+":"+os.Getenv("PATH"), "TERM=xterm", "HOME="+folder, "ZDOTDIR="+folder)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", shell[0], err)
	}
	return string(out)
}

// completed are command lines and what a shell must offer for their last word.
var completed = []struct{ line, offers, never string }{
	{"mptcpanalyzer --keep", "--keep-going", "--load"},
	{"mptcpanalyzer accou", "account", "owd"},
	{"mptcpanalyzer --raw summary --du", "", "--dest"},
	{"mptcpanalyzer --raw summary --de", "--dest", "--full"},
	{"mptcpanalyzer --load two-path-upload.client.pcapng plot dss_l", "dss_length", "dss_dsn"},
	{"mptcpanalyzer --load two-path-upload.client.pcapng summary 0 Ser", "Server", "Client"},
}

func TestBashCompletion(t *testing.T) {
	for _, test := range completed {
		got := inShell(t, []string{"bash", "--norc", "-c"}, `source <(mptcpanalyzer completion bash) || exit 1
complete -p mptcpanalyzer > /dev/null || exit 1
COMP_WORDS=(`+test.line+`) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_mptcpanalyzer
printf '%s\n' "${COMPREPLY[@]}"`)
		offered(t, test.line, got, test.offers, test.never)
	}
}

func TestFishCompletion(t *testing.T) {
	for _, test := range completed {
		got := inShell(t, []string{"fish", "--no-config", "-c"}, `mptcpanalyzer completion fish | source
complete -C '`+test.line+`'`)
		offered(t, test.line, got, test.offers, test.never)
	}
}

// zsh completes only where somebody types: a pseudo terminal of its own does.
func TestZshCompletion(t *testing.T) {
	for _, test := range completed {
		got := inZsh(t, "source <(mptcpanalyzer completion zsh)", test.line)
		offered(t, test.line, got, test.offers, test.never)
	}
}

// The help is such that zsh's completion for GNU programs finds the options in it.
func TestZshReadsTheHelp(t *testing.T) {
	got := inZsh(t, "compdef _gnu_generic mptcpanalyzer", "mptcpanalyzer --hum")
	offered(t, "--hum", got, "--human-readable", "--load")
	got = inZsh(t, "compdef _gnu_generic mptcpanalyzer", "mptcpanalyzer --")
	for _, want := range []string{"--load", "--batch", "--keep-going", "--cachedir", "--version", "scale numbers for people"} {
		offered(t, "--", got, want, "\x00")
	}
}

// inZsh types a line and Tab in an interactive zsh and gives what it then shows.
func inZsh(t *testing.T, setup, line string) string {
	t.Helper()
	return inShell(t, []string{"zsh", "-f", "-c"}, `zmodload zsh/zpty || exit 1
zpty shell zsh -f -i
send() { zpty -w shell "$1" }
until_seen() { local all= part; for i in {1..600}; do while zpty -rt shell part; do all+=$part; done; [[ $all == *$1* ]] && break; sleep 0.05; done; print -r -- $all }
send 'autoload -Uz compinit && compinit -u -d $HOME/dump; PS1=; stty cols 200; LISTMAX=0'
send '`+setup+`'
send 'print re""ady'
until_seen ready > /dev/null
zpty -n -w shell $'`+line+`\t\t'
zpty -n -w shell $'\C-e\C-u print fin""ished\n'
until_seen finished | tr '\r' '\n'
zpty -d shell`)
}

func offered(t *testing.T, line, got, want, never string) {
	t.Helper()
	if !strings.Contains(got, want) || never != "" && strings.Contains(strings.ReplaceAll(got, line, ""), never) {
		t.Errorf("%q offers %q, want %q and not %q", line, got, want, never)
	}
}
