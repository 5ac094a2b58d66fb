package core

import "testing"

func TestCommandsAreValid(t *testing.T) {
	if err := Validate(Commands()); err != nil {
		t.Error(err)
	}
}

func TestEveryNameIsFound(t *testing.T) {
	commands := Commands()
	for _, c := range commands {
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			if lookup(commands, name) != c {
				t.Errorf("%s is not found by the name %q", c.Name, name)
			}
		}
	}
	if c := lookup(commands, "list-mptcp-connections"); c == nil || c.Name != "lc" {
		t.Error("names of the Haskell generation are not understood with dashes")
	}
}
