// Command lab makes captures of real Multipath TCP connections, with the truth about them.
//
// It needs Linux, root and a kernel with net.mptcp.enabled=1. Two network namespaces, a client and
// a server, each run the kernel's own MPTCP stack; between them lie one or more emulated paths. A
// path is a TAP device in each namespace and this program in the middle, which delays, paces,
// queues, loses, reorders, duplicates and, as a middlebox would, rewrites what it carries.
//
//	lab -list                                 what the scenarios are
//	lab -out DIR scenarios/handover.json      run one; DIR/handover/ receives the files below
//	lab -publish testdata/captures scenarios/*.json
//	lab -pack testdata/pairs scenarios/pairs/*.json
//
// A run writes
//
//	client.pcapng, server.pcapng   what each host would have captured, one interface a path, with
//	                               that host's clock error added to the times
//	truth.csv                      every frame: when it was sent and received, in one clock without
//	                               error, what became of it, and its number in either capture
//	client.netstat, server.netstat the kernel's MPTcpExt counters (and Tcp RetransSegs), one a line
//	app.json                       what the applications sent and received: bytes and SHA-256
//	report.json                    story, counts, counters and app.json in one compact file
//
// and -publish copies those named by the scenario's "keep" to one folder, as NAME.client.pcapng,
// NAME.server.pcapng, NAME.truth.csv.gz and NAME.json, then rewrites the table of counts in the
// README.md above that folder; -pack writes both captures and the truth of each scenario compressed.
//
// Reading order: scenario.go (what can be asked), run.go (a run from start to end), path.go and
// shaper.go (the emulated link), device.go, middlebox.go, capture.go and truth.go, traffic.go and
// endpoint.go, publish.go.
//
// Payload and the emulator's dice are seeded, so the application bytes of a scenario are always the
// same. Keys, sequence numbers, ports and the kernel's timing are not: a second run tells the same
// story with other packets.
package main
