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
		&listReinjectionsCommand,
		&summaryCommand,
		&tcpSummaryCommand,
		&explainCommand,
		&verifyCommand,
		&accountCommand,
		&stallsCommand,
		&rttCommand,
		&handshakeCommand,
		&interfacesCommand,
		&dumpCommand,
		&filterCommand,
		&plotCommand,
		&plotsCommand,
		&chartsCommand,
		&scriptCommand,
		&echoCommand,
		&clearCommand,
		&liveCommand,
		&pluginsCommand,
		&setCommand,
		&configCommand,
		&healthCommand,
		&historyCommand,
		&helpCommand,
		&quitCommand,
	}
}
