// Package kernel is the Jupyter face of mptcpanalyzer: it answers the messages of protocol 5.5 with a core.Session.
//
// A Kernel is given a Transport (the sockets of kernel/socket, or memory in tests), a codec of kernel/message that holds
// the key, a Session and a Renderer that makes MIME bundles of blocks. Serve runs it until a client shuts it down, the
// context ends or Stop is called. Beside the main shell there are subshells, for who wants to look while a long cell runs
// (JEP 91).
//
// Reading order: kernel.go (life, routing), requests.go (who serves what: the cells of a shell one after the other, questions
// beside them, control before all), shell.go and execute.go (a cell), cell.go (its Output: what becomes which message),
// subshell.go, then one file for each other kind of request.
//
// What a peer sends can cost a log line, never the kernel: wrong signatures, copies, and bytes that are no message are
// dropped before anything looks at them. The key is in no log and no answer.
//
// It refuses to be a debugger and to keep comms: clients that ask are told so.
package kernel
