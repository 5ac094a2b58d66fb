package core

// Commands is the ordered list of the language: the one place where a command is added.
func Commands() []*Command {
	return []*Command{
		&loadCommand,
		&capturesCommand,
		&useCommand,
		&listConnectionsCommand,
		&listSubflowsCommand,
		&listStreamsCommand,
		&summaryCommand,
		&explainCommand,
		&verifyCommand,
		&accountCommand,
		&stallsCommand,
		&rttCommand,
		&handshakeCommand,
		&plotCommand,
		&plotsCommand,
		&chartsCommand,
		&scriptCommand,
		&echoCommand,
		&clearCommand,
		&pluginsCommand,
		&helpCommand,
	}
}
