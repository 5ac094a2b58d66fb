// Package plugin adds the commands and plots of third parties: programs in any language, called mptcpanalyzer-NAME, on PATH
// or in the user's folder of plugins. It is for native programs.
//
//	commands, warnings := plugin.Find(ctx, plugin.Place{Folder: config.Plugins(settings), Builtin: core.Commands()})
//
// # The protocol, version 1
//
// A plugin describes itself when it is run as
//
//	mptcpanalyzer-NAME --describe
//
// with one JSON object on standard output:
//
//	{
//	  "protocol": 1,
//	  "kind": "command",                  or "plot": then `plot NAME …` runs it too
//	  "summary": "one line, no full stop",
//	  "help": "prose: what the answer means",
//	  "rows": "csv",                      or "arrow", or "none"
//	  "columns": ["packetid", "tcplen"],  the columns of the rows; none: all
//	  "parameters": [
//	    {"name": "CONNECTION", "kind": "connection", "doc": "mptcp.stream"},
//	    {"name": "--bins", "kind": "text", "value": "N", "doc": "how many"}
//	  ],
//	  "examples": [{"line": "NAME 0", "what": "of connection 0"}]
//	}
//
// A parameter's name begins with a dash if it is an option. Kinds are text, flag, path, connection, stream, dest, field and
// choice (with "choices": […]); "required" and "repeat" are false if not said. A plugin that gets rows has --where besides,
// and every plugin --csv, --json, and --title and --out where it draws. What it says is kept until its file changes.
//
// To do its work it is run without arguments. Standard input has one line of JSON, the request:
//
//	{"protocol": 1, "command": "NAME", "line": "NAME 0 --bins 7", "arguments": {"CONNECTION": ["0"], "--bins": ["7"]},
//	 "capture": {"name": "client.pcapng", "packets": 2340, "start": "1700000000000000000"}, "rows": "csv"}
//
// and then, if it asked for rows, the packets selected: of the connection or stream that the arguments name, or else of the
// capture, for which --where holds. The command line has the words after --where as one argument, "--where". With "csv"
// they are CSV as RFC 4180 has it, a head of column names first, the values as dump writes them. With "arrow" they are an
// Arrow IPC stream with the types that mptcpexporter writes: numbers up to unsigned 64 bits, times int64 nanoseconds (and
// NAME_utc beside abstime), words, lists; what is missing is null. It begins after the request's line end, aligned to
// nothing: read it as a stream.
//
// It answers on standard output with one JSON object, a page:
//
//	{"protocol": 1, "blocks": [
//	  {"text": {"title": "…", "body": "…", "pre": true}},
//	  {"note": {"body": "…", "caution": false}},
//	  {"table": {"name": "gaps", "title": "…", "empty": "no gap", "columns": [
//	      {"key": "gap", "head": "Gap", "type": "duration"},
//	      {"key": "bytes", "head": "Bytes", "type": "integer", "unit": "B"}],
//	    "rows": [[1500000, "12345"], [null, 7]]}},
//	  {"chart": {"title": "…", "subtitle": "…",
//	    "x": {"label": "Time", "unit": "ns", "base": "1700000000000000000"}, "y": {"label": "Gap", "unit": "ns"},
//	    "series": [{"name": "subflow 0", "group": 0, "mark": "line", "dashed": false, "x": [0, 10], "y": [1.5, 2], "y2": [],
//	      "labels": []}]}}
//	]}
//
// Types of columns are text, integer, number, bool, time (ns since the epoch), duration (ns) and subflow ([ordinal, id]).
// Integers beyond 2⁵³ are strings of digits. Units are "", "B", "B/s", "bit/s", "ns" and "%" (of numbers 0 to 1). Marks are
// line, steps, dots, segments (with y2), bars, stack and event (with labels); group is the ordinal of a subflow, which
// gives the colour, or -1. x counts from the axis' base; with a base, ns are moments, else spans of time.
//
// A plugin fails by an exit status that is not 0; what it wrote on standard error is shown. It is killed, with all that
// it has started, when it is interrupted and when it takes longer than the setting plugin_timeout.
//
// # What is refused
//
// A plugin cannot shadow: one whose name is a built-in command's, or its alias, is left out with a warning, and so is one
// whose description is wrong. Folders of PATH that are not absolute are not looked into.
package plugin
