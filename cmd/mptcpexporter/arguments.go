package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/where"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

const helpText = `Usage: mptcpexporter [OPTION]... CAPTURE...
       mptcpexporter pcap2csv CAPTURE [FIELDS.json] [-o OUT]
       mptcpexporter csv2sql TABLE.csv [OUT.sqlite]
       mptcpexporter pcap2sql CAPTURE [OUT.sqlite]

Write what captures hold as tables. CAPTURE is a pcap or pcapng file, gzip and zstd too; - is standard input.
An argument @FILE stands for the arguments in FILE, one a line.

%s
A file is read twice, so that reinjected_in tells of packets to come (--one-pass saves the time). A pipe is streamed:
reinjected_in and late keys are known for what comes within some sixty thousand packets.

Exit status: 0 fine, 1 a capture or the output failed, 2 wrong usage.
`

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
	key    string
	by     []string // partition
	jobs   int
	dropSYN, absolute, relative, split, merge,
	onePass, twoPass, anonymize, add, strict, progress, quiet, schema, version bool
	importing bool // csv2sql
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
	f.StringVarP(&a.delim, "delimiter", "d", "", "`CHARACTER` between columns of csv (|); \\t is a tab")
	f.BoolVar(&a.twoPass, "two-pass", false, "read the capture twice (the default for files)")
	f.BoolVar(&a.onePass, "one-pass", false, "read the capture once, as a pipe is")
	f.BoolVar(&a.merge, "merge", false, "the captures are parts of one: a rotation, or one file an interface")
	f.BoolVar(&a.split, "split", false, "one output for each capture, named after it, in the folder -o (.)")
	f.IntVarP(&a.jobs, "jobs", "j", 1, "`N` captures at a time, with --split")
	f.StringSliceVar(&a.by, "partition", nil, "write a Parquet dataset: folders by these `FIELDS` (capture,mptcpstream) under the folder -o")
	f.BoolVar(&a.anonymize, "anonymize", false, "replace addresses, ports, keys and tokens consistently, drop payload")
	f.StringVar(&a.key, "key", "", "key `FILE` of --anonymize, made if it is missing: captures treated with one key fit together")
	f.BoolVar(&a.add, "append", false, "add to the output file (csv, tsv, jsonl, sqlite; a dataset: a further capture)")
	f.BoolVar(&a.strict, "strict", false, "fail, and write nothing, if the capture has an issue of warning or error")
	f.BoolVar(&a.progress, "progress", false, "tell how far it is on standard error")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no summary on standard error")
	f.StringVarP(&a.filter, "filter", "f", "", "the original's `FILTER` of packets: mptcp, tcp, \"mptcp and not icmp\", or as --where")
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

// parse reads the command line; its errors are misuse.
func parse(args []string) (*arguments, *pflag.FlagSet, error) {
	a := &arguments{}
	flags := newFlags(a)
	args, err := expandFiles(args, 0)
	if err == nil {
		err = flags.Parse(args)
	}
	if err != nil || a.version {
		return a, flags, wrong(err)
	}
	if err := a.words(flags.Args()); err != nil {
		return a, flags, wrong(err)
	}
	return a, flags, wrong(a.understand())
}

func wrong(err error) error {
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return misuse{err}
}

// expandFiles puts the lines of FILE in the place of an argument @FILE.
func expandFiles(args []string, depth int) ([]string, error) {
	var all []string
	for _, arg := range args {
		name, is := strings.CutPrefix(arg, "@")
		if !is || name == "" {
			all = append(all, arg)
			continue
		}
		if depth > 8 {
			return nil, fmt.Errorf("%s: files of arguments name each other", arg)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, plain(err))
		}
		var lines []string
		for _, line := range strings.Split(string(text), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		if lines, err = expandFiles(lines, depth+1); err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// words takes what is no option: captures, or one of the original's subcommands.
func (a *arguments) words(words []string) error {
	if len(words) > 0 {
		switch strings.ReplaceAll(words[0], "-", "_") {
		case "pcap2csv":
			return a.pcap2csv(words[1:])
		case "pcap2sql", "csv2sql":
			return a.sql(words[0], words[1:])
		}
	}
	a.inputs = words
	if len(words) == 0 && !a.schema {
		return errors.New("which capture? (- is standard input)")
	}
	return nil
}

// pcap2csv INPUT [FIELDS.json]: the output is named after the input, in the working directory.
func (a *arguments) pcap2csv(words []string) error {
	if len(words) == 0 || len(words) > 2 {
		return errors.New("pcap2csv takes a capture and a JSON file of fields")
	}
	a.inputs, a.format = words[:1], "csv"
	if len(words) == 2 {
		a.fields = []string{words[1]}
	}
	if a.output == "" {
		a.output = stem(words[0]) + ".csv"
	}
	return nil
}

func (a *arguments) sql(name string, words []string) error {
	if len(words) == 0 || len(words) > 2 {
		return fmt.Errorf("%s takes an input and, if wanted, the name of the database", name)
	}
	a.inputs, a.format, a.importing = words[:1], "sqlite", name == "csv2sql"
	switch {
	case len(words) == 2:
		a.output = words[1]
	case a.output == "":
		a.output = stem(words[0]) + ".sqlite"
	}
	return nil
}

// stem is a file's name without folders and extensions, of compressed ones too.
func stem(name string) string {
	if name == "-" {
		return "stdin"
	}
	name = filepath.Base(name)
	for _, zip := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, zip)
	}
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// understand checks the options and makes the request of them.
func (a *arguments) understand() error {
	q := &a.request
	q.Tables, q.Layout, q.Absolute = a.tables, a.layout, a.absolute
	for _, step := range []func() error{a.conflicts, a.setFormat, a.setDelimiter, a.setFields, a.setSelection, a.checkOutput} {
		if err := step(); err != nil {
			return err
		}
	}
	if a.importing {
		return nil
	}
	_, err := export.NewJob(*q, formats())
	return err
}

func (a *arguments) conflicts() error {
	switch {
	case a.relative && a.absolute:
		return errors.New("either --relative or --absolute")
	case a.onePass && a.twoPass:
		return errors.New("either --one-pass or --two-pass")
	case a.twoPass && slices.Contains(a.inputs, "-"):
		return errors.New("standard input cannot be read twice")
	case a.split && a.merge:
		return errors.New("either --split or --merge")
	case a.split && len(a.by) > 0:
		return errors.New("a dataset has its own folders: either --split or --partition")
	case a.jobs < 1:
		return fmt.Errorf("-j %d: one capture at a time is the least", a.jobs)
	case a.key != "" && !a.anonymize:
		return errors.New("--key is the key of --anonymize")
	case len(a.inputs) > 1 && slices.Contains(a.inputs, "-"):
		return errors.New("standard input stands alone, not among other captures")
	case len(a.by) > 0 && a.output == "":
		return errors.New("--partition needs a folder: -o FOLDER")
	}
	return nil
}

// setFormat settles the format: as asked for, or by the output's name.
func (a *arguments) setFormat() error {
	q := &a.request
	q.Format = a.format
	switch {
	case len(a.by) > 0 && (q.Format == "" || q.Format == "parquet"):
		q.Format = "parquet"
	case len(a.by) > 0:
		return fmt.Errorf("a dataset is of format parquet, not %s", q.Format)
	case q.Format == "" && a.output != "" && !a.split:
		if f, ok := export.FormatByFile(a.output, formats()); ok {
			q.Format = f.Name
		}
	}
	if q.Format == "" {
		q.Format = "csv"
	}
	_, err := export.FormatByName(q.Format, formats())
	return err
}

func (a *arguments) setDelimiter() error {
	d := a.delim
	switch {
	case d == "":
		return nil
	case d == `\t`:
		d = "\t"
	}
	if len(d) != 1 || strings.ContainsAny(d, "\"\r\n") {
		return fmt.Errorf("delimiter %q: one character is needed, no quote and no line end", a.delim)
	}
	if a.request.Format != "csv" && a.request.Format != "tsv" && !a.importing {
		return fmt.Errorf("format %s has no delimiter", a.request.Format)
	}
	a.request.Delimiter = d[0]
	return nil
}

// setFields takes names, or reads the original's JSON object of heads and names.
func (a *arguments) setFields() error {
	for _, word := range a.fields {
		if !strings.HasSuffix(strings.ToLower(word), ".json") {
			a.request.Fields = append(a.request.Fields, word)
			continue
		}
		fields, err := readFields(word)
		if err != nil {
			return fmt.Errorf("%s: %w", word, plain(err))
		}
		a.request.Fields = append(a.request.Fields, fields...)
	}
	return nil
}

// readFields reads a JSON object {head: field, …}, keeping its order, or a list of fields.
func readFields(name string) ([]string, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := json.NewDecoder(file)
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	object := open == json.Delim('{')
	if !object && open != json.Delim('[') {
		return nil, errors.New("an object of heads and fields is needed")
	}
	var fields []string
	for d.More() {
		word, err := text(d)
		if err != nil {
			return nil, err
		}
		if object {
			field, err := text(d)
			if err != nil {
				return nil, err
			}
			word += "=" + field
		}
		fields = append(fields, word)
	}
	return fields, nil
}

func text(d *json.Decoder) (string, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	word, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%v is no text", token)
	}
	return word, nil
}

func (a *arguments) setSelection() error {
	s := &a.request.Select
	s.DropSYN = a.dropSYN
	err := error(nil)
	if s.MPTCP, err = numbers("--mptcp", a.mptcp); err != nil {
		return err
	}
	if s.TCP, err = numbers("--tcp", a.tcp); err != nil {
		return err
	}
	switch strings.ToLower(a.dest) {
	case "", "both":
	case "client":
		s.Dest = stream.Client
	case "server":
		s.Dest = stream.Server
	default:
		return fmt.Errorf("--dest %s: Client or Server", a.dest)
	}
	if s.From, err = seconds("--from", a.from); err != nil {
		return err
	}
	s.HasTo = a.to != ""
	if s.To, err = seconds("--to", a.to); err != nil {
		return err
	}
	if s.HasTo && s.To < s.From {
		return fmt.Errorf("--to %s s is before --from %s s", a.to, a.from)
	}
	return a.setWhere()
}

// setWhere compiles --where, and the filters that the original was called with. Only TCP segments are ever written, and no
// segment is of ICMP, so that of its usual filters little is left.
func (a *arguments) setWhere() error {
	expressions := []struct{ option, text string }{{"--where", a.where}}
	switch filter := strings.Join(strings.Fields(a.filter), " "); filter {
	case "", "tcp", "tcp and not icmp", "mptcp or tcp", "mptcp or tcp and not icmp", "(mptcp or tcp) and not icmp":
	case "mptcp", "mptcp and not icmp":
		a.keep(func(_ *trace.Context, r *trace.Row) bool { return r.HasMPTCP })
	default:
		expressions = append(expressions, struct{ option, text string }{"--filter", a.filter})
	}
	for _, e := range expressions {
		if e.text == "" {
			continue
		}
		p, err := where.Compile(e.text)
		if err != nil {
			return marked(e.option, e.text, err)
		}
		a.keep(p.Match)
	}
	return nil
}

// keep adds a condition.
func (a *arguments) keep(more func(*trace.Context, *trace.Row) bool) {
	s := &a.request.Select
	before := s.Where
	if before == nil {
		s.Where = more
		return
	}
	s.Where = func(c *trace.Context, r *trace.Row) bool { return before(c, r) && more(c, r) }
}

// marked is an error of an expression with the word to blame underlined.
func marked(option, text string, err error) error {
	var wrong *where.Error
	if !errors.As(err, &wrong) || wrong.End <= wrong.Start || strings.Contains(text, "\n") || wrong.End > len(text) {
		return fmt.Errorf("%s: %w", option, err)
	}
	under := strings.Repeat(" ", utf8.RuneCountInString(text[:wrong.Start])) + strings.Repeat("^", utf8.RuneCountInString(text[wrong.Start:wrong.End]))
	return fmt.Errorf("%s: %w\n  %s\n  %s", option, err, text, under)
}

func numbers(option string, words []string) ([]uint32, error) {
	var list []uint32
	for _, w := range words {
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s %s: a number is needed", option, w)
		}
		list = append(list, uint32(n))
	}
	return list, nil
}

func seconds(option, word string) (int64, error) {
	if word == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(word + "s")
	if err != nil {
		return 0, fmt.Errorf("%s %s: a time in seconds is needed, as 1.25 is", option, word)
	}
	return d.Nanoseconds(), nil
}

// checkOutput refuses an output that would destroy an input, and what cannot be added to.
func (a *arguments) checkOutput() error {
	for _, input := range a.inputs {
		if a.output != "" && sameFile(a.output, input) {
			return fmt.Errorf("the output %s is the capture itself", a.output)
		}
	}
	if !a.add {
		return nil
	}
	switch f := a.request.Format; {
	case a.output == "":
		return errors.New("--append needs an output file (-o)")
	case a.split:
		return errors.New("either --split or --append")
	case f == "csv", f == "tsv", f == "jsonl", f == "sqlite", len(a.by) > 0:
		return nil
	default:
		return fmt.Errorf("a file of format %s cannot be added to: it would not be whole meanwhile", f)
	}
}

// sameFile says whether two names are of one file, by whatever path or link: writing would destroy the capture.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// plain leaves out what the operating system's error repeats.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
