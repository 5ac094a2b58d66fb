package core

import (
	"context"
	"fmt"
	"strings"
)

// Command is one word of the language. Help, completion, inspection and the documents are derived from it.
type Command struct {
	Name    string
	Aliases []string // every name that earlier generations of the program used
	Summary string   // one line, no full stop
	Help    string   // prose: what the answer means
	// Examples are lines that work on the sample captures.
	Examples []Example
	Params   []Param
	// More gives further parameters once the first positional word is known, as `plot TYPE` needs.
	More func(first string) []Param
	// Former are options of earlier generations of the program that are not taken, each with what to do instead.
	Former []Former
	// Origin is the program that a plugin's command runs, empty for what is built in. Draws: it is a type of plot too.
	Origin string
	Draws  bool
	Run    func(ctx context.Context, c *Call) error
}

// Former is an option that is no more, and what to do instead.
type Former struct{ Option, Instead string }

// Example is a line and what it does.
type Example struct{ Line, What string }

// Usage is the command's synopsis: "ls [CONNECTION]". Where the first word decides what follows, it is what usually does.
func (c *Command) Usage() string {
	params := c.Params
	if c.More != nil {
		params = append(params[:len(params):len(params)], c.More("")...)
	}
	return c.usageWith(params)
}

// Synopsis is the usage without options: "plot TYPE [CONNECTION] [DEST]".
func (c *Command) Synopsis() string {
	words := []string{c.Name}
	for i := range c.Params {
		if p := &c.Params[i]; !p.option() {
			words = append(words, p.usage())
		}
	}
	return strings.Join(words, " ")
}

// usageWith is the synopsis with such parameters.
func (c *Command) usageWith(params []Param) string {
	return strings.TrimSpace(c.Name + " " + usageOf(params))
}

// Validate reports what is wrong with a list of commands: it is called by a test, so that a mistake fails the build.
func Validate(commands []*Command) error {
	seen := map[string]string{}
	for _, c := range commands {
		if c.Name == "" || c.Summary == "" || c.Help == "" || c.Run == nil {
			return fmt.Errorf("command %q: name, summary, help and run are needed", c.Name)
		}
		if strings.HasSuffix(c.Summary, ".") {
			return fmt.Errorf("command %q: the summary ends with a full stop", c.Name)
		}
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			if other, taken := seen[name]; taken {
				return fmt.Errorf("command %q: the name %q belongs to %q", c.Name, name, other)
			}
			seen[name] = c.Name
		}
		if err := validateParams(c.Params); err != nil {
			return fmt.Errorf("command %q: %w", c.Name, err)
		}
	}
	return nil
}

func validateParams(params []Param) error {
	optional := ""
	for _, p := range params {
		if p.Doc == "" {
			return fmt.Errorf("parameter %s is undocumented", p.Name)
		}
		if p.Kind == Choice && len(p.Choices) == 0 {
			return fmt.Errorf("parameter %s has no choices", p.Name)
		}
		if !p.option() && p.Required && optional != "" && p.Kind == Text {
			return fmt.Errorf("parameter %s is required but follows the optional %s", p.Name, optional)
		}
		if !p.option() && !p.Required {
			optional = p.Name
		}
	}
	return nil
}

// lookup finds a command by name or alias. Names of earlier generations may be written with - or _.
func lookup(commands []*Command, name string) *Command {
	name = strings.ReplaceAll(name, "-", "_")
	for _, c := range commands {
		if c.Name == name {
			return c
		}
		for _, a := range c.Aliases {
			if a == name {
				return c
			}
		}
	}
	return nil
}
