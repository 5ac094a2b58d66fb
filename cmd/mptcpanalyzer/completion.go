package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// completing is the word by which completion scripts ask; the words of the command line so far follow, the one to be
// completed last.
const completing = "__complete"

// complete prints what the last word can be, one a line, with what it means after a tab.
func complete(words []string, s *core.Session, flags *pflag.FlagSet, w io.Writer) {
	if len(words) == 0 {
		return
	}
	last := words[len(words)-1]
	command, value := splitOptions(words[:len(words)-1], flags)
	if value {
		return // a file: the shell knows those
	}
	if len(command) == 0 && strings.HasPrefix(last, "-") {
		flags.VisitAll(func(f *pflag.Flag) {
			if strings.HasPrefix("--"+f.Name, last) {
				_, what := pflag.UnquoteUsage(f)
				fmt.Fprintf(w, "--%s\t%s\n", f.Name, what)
			}
		})
		return
	}
	line := ""
	for _, word := range command {
		line += core.Quote(word) + " "
	}
	line += last
	for _, item := range s.Complete(line, len(line)).Items {
		if item.Type != "path" {
			fmt.Fprintf(w, "%s\t%s\n", item.Text, item.Doc)
		}
	}
}

// splitOptions leaves out the program's options; value says that the next word is the value of one.
func splitOptions(words []string, flags *pflag.FlagSet) (command []string, value bool) {
	for i := 0; i < len(words); i++ {
		name := strings.TrimLeft(words[i], "-")
		if !strings.HasPrefix(words[i], "-") || name == "" {
			return words[i:], false
		}
		f := flags.Lookup(name)
		if f == nil && len(name) == 1 {
			f = flags.ShorthandLookup(name)
		}
		if f != nil && f.NoOptDefVal == "" {
			if i++; i == len(words) {
				return nil, true
			}
		}
	}
	return nil, false
}

const bashScript = `# bash completion of mptcpanalyzer: source <(mptcpanalyzer completion bash)
_mptcpanalyzer() {
  local IFS=$'\n' line
  COMPREPLY=()
  for line in $(mptcpanalyzer __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    line=${line%%$'\t'*}
    [[ $line == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$line")
  done
}
complete -o default -F _mptcpanalyzer mptcpanalyzer
`

const zshScript = `#compdef mptcpanalyzer
# zsh completion of mptcpanalyzer: source <(mptcpanalyzer completion zsh)
_mptcpanalyzer() {
  local -a found
  local line
  for line in "${(@f)$(mptcpanalyzer __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe -V mptcpanalyzer found; else _files; fi
}
compdef _mptcpanalyzer mptcpanalyzer
`

const fishScript = `# fish completion of mptcpanalyzer: mptcpanalyzer completion fish | source
function __mptcpanalyzer
  mptcpanalyzer __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c mptcpanalyzer -a '(__mptcpanalyzer)'
`
