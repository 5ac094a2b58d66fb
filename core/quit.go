package core

import "context"

var quitCommand = Command{
	Name:     "quit",
	Aliases:  []string{"q", "exit", "EOF"},
	Summary:  "leave",
	Help:     `Ends the interpreter, or the script that it stands in. A notebook and the page have nothing to leave.`,
	Examples: []Example{{"quit", "leave"}},
	Run: func(context.Context, *Call) error {
		return &LineError{Message: "there is nothing to leave here", Err: ErrQuit}
	},
}
