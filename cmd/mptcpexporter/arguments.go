package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// arguments are the program's options.
type arguments struct {
	inputs []string
	output string
	format string
	tables []string
	fields []string
	layout string
	mptcp  []string
	tcp    []string
	dest   string
	where  string
	filter string
	from   string
	to     string
	delim  string
	config string
	key    string
	by     []string // partition
	jobs   int
	dropSYN, absolute, relative, split, merge,
	onePass, twoPass, anonymize, add, strict, progress, quiet, schema, manual, version bool
	importing bool     // csv2sql
	separator string   // delimiter of the configuration
	warnings  []string // of the configuration
	request   export.Request
}

func newFlags(a *arguments) *pflag.FlagSet {
	f := pflag.NewFlagSet("mptcpexporter", pflag.ContinueOnError)
	f.SortFlags = false
	f.Usage = func() {}
	f.StringVarP(&a.output, "output", "o", "", "write to `FILE` instead of standard output; with --split or --partition, a folder")
	f.StringVar(&a.format, "format", "", "`FORMAT` of the output; else by its extension, else csv: "+formatNames())
	f.StringSliceVar(&a.tables, "table", nil, "`TABLE` to write: "+strings.Join(export.TableNames(), ", ")+" (packets; sqlite: all)")
	f.StringSliceVar(&a.fields, "fields", nil, "`NAMES` of columns (head=name renames), groups ("+groupNames()+"), or a JSON file of head: name")
	f.StringVar(&a.layout, "layout", "", "`LAYOUT` of packets: "+strings.Join(export.LayoutNames(), ", ")+" (csv, tsv: mptcpanalyzer)")
	f.BoolVar(&a.schema, "schema", false, "print the columns with type, unit, Wireshark's field and meaning, and end")
	f.StringVar(&a.where, "where", "", "keep packets for which `EXPR` is true: 'tcplen > 0 and mptcpdest == \"Server\"'")
	f.StringSliceVar(&a.mptcp, "mptcp", nil, "keep connection `N` (mptcp.stream); may be repeated")
	f.StringSliceVar(&a.tcp, "tcp", nil, "keep TCP stream `N`; may be repeated")
	f.StringVar(&a.dest, "dest", "", "keep what travels to `END`: Client or Server")
	f.BoolVar(&a.dropSYN, "drop-syn", false, "leave out packets with SYN")
	f.StringVar(&a.from, "from", "", "keep packets from `SECONDS` after the start of the capture on")
	f.StringVar(&a.to, "to", "", "keep packets up to `SECONDS` after the start of the capture")
	f.BoolVar(&a.relative, "relative", false, "relative TCP sequence numbers (the default)")
	f.BoolVar(&a.absolute, "absolute", false, "TCP sequence numbers as they stand in the packets")
	f.StringVarP(&a.delim, "delimiter", "d", "", "`CHARACTER` between columns of csv (the configuration's, |); \\t is a tab")
	f.StringVarP(&a.config, "config", "c", "", "read the configuration from `FILE`")
	f.BoolVar(&a.twoPass, "two-pass", false, "read the capture twice (the default for files)")
	f.BoolVar(&a.onePass, "one-pass", false, "read the capture once, as a pipe is")
	f.BoolVar(&a.merge, "merge", false, "the captures are parts of one: a rotation, or one file an interface")
	f.BoolVar(&a.split, "split", false, "one output for each capture, named after it, in the folder -o (.)")
	f.IntVarP(&a.jobs, "jobs", "j", 1, "`N` captures at a time, with --split")
	f.StringSliceVar(&a.by, "partition", nil, "write a Parquet dataset: folders by these `FIELDS` (capture,mptcpstream) under the folder -o")
	f.BoolVar(&a.anonymize, "anonymize", false, "replace addresses, ports, keys, tokens and names consistently, drop payload; of frames that are no TCP, a whole capture keeps time and length")
	f.StringVar(&a.key, "key", "", "key `FILE` of --anonymize, made if it is missing: captures treated with one key fit together; a token whose key none of the captures of a run shows is replaced by itself")
	f.BoolVar(&a.add, "append", false, "add to the output file (csv, tsv, jsonl, sqlite; a dataset: a further capture)")
	f.BoolVar(&a.strict, "strict", false, "fail, and write nothing, if the command issues lists a warning or an error of the capture, which is loaded for that; with --one-pass, if the dissection sees one")
	f.BoolVar(&a.progress, "progress", false, "tell how far it is on standard error")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no summary on standard error")
	f.StringVarP(&a.filter, "filter", "f", "", "the original's `FILTER` of packets: mptcp, tcp, \"mptcp and not icmp\", or as --where")
	f.BoolVar(&a.manual, "manual", false, "print the manual page, for man -l -")
	f.BoolVar(&a.version, "version", false, "print the version")
	f.String("tshark", "", "not needed any more")
	f.String("profile", "", "not needed any more")
	for _, old := range []string{"tshark", "profile"} {
		if flag := f.Lookup(old); flag != nil {
			flag.Hidden = true
		}
	}
	return f
}

func formatNames() string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func groupNames() string {
	var names []string
	for name := range export.Groups() {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// about is what the program tells of itself.
func about(flags *pflag.FlagSet) *program.Program {
	return &program.Program{
		Name: "mptcpexporter", Version: core.Version(), Flags: flags,
		Summary: "Write what captures hold as tables",
		Usage:   []string{"[OPTION]... CAPTURE...", "pcap2csv CAPTURE [FIELDS.json] [-o OUT]", "csv2sql TABLE.csv [OUT.sqlite]", "pcap2sql CAPTURE [OUT.sqlite]"},
		Intro: `CAPTURE is a pcap or pcapng file, gzip and zstd too; - is standard input. An argument @FILE stands for the arguments in
FILE, one a line. A file is read twice, so that reinjected_in tells of packets to come (--one-pass saves the time). A pipe is
streamed: reinjected_in and late keys are known for what comes within some sixty thousand packets. For --strict and
--table issues a capture is loaded whatever its size, unless with --one-pass: that table has what the command issues lists. The
summary counts its warnings and errors where one of these is given, or the capture has up to 100,000 packets.`,
		Sections: []program.Section{
			{Head: "Examples", Entries: []program.Entry{
				{Term: "mptcpexporter capture.pcapng -o packets.parquet", What: "all packets, all columns"},
				{Term: "mptcpexporter --table connections --format jsonl capture.pcapng", What: "a line a connection"},
				{Term: "tcpdump -w - tcp | mptcpexporter -", What: "from a pipe to a pipe, as CSV"},
			}},
			console.ExitStatus("a capture or the output failed"),
		},
	}
}

// parse reads the command line; its errors are misuse.
func parse(args []string) (*arguments, *pflag.FlagSet, error) {
	a := &arguments{}
	flags := newFlags(a)
	args, err := expandFiles(args, 0)
	if err == nil {
		err = flags.Parse(args)
	}
	if err != nil || a.manual || a.version {
		return a, flags, wrong(err)
	}
	if err := a.words(flags.Args()); err != nil {
		return a, flags, wrong(err)
	}
	if err := a.setDefaults(); err != nil {
		return a, flags, err
	}
	return a, flags, wrong(a.understand())
}

func wrong(err error) error {
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return misuse{err}
}
