package core

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var exportCommand = Command{
	Name:    "export",
	Aliases: []string{"tocsv", "to_csv"},
	Summary: "write the packets of the capture, or other tables, to a file",
	Help: `Writes a table of the current capture in the format that the file's extension says, or --format: csv (separated by the
delimiter of the settings), tsv, jsonl, and where this program can parquet, arrow, sqlite and pcapng. The packets are
written with the original's 38 columns (help columns), or those that --columns names. mptcpexporter does the same without
loading, with more choices.`,
	Examples: []Example{
		{"export packets.csv", "all packets"},
		{"export small.csv --columns packetid,tcpstream,dsn --where tcplen > 0", "three columns of the packets with data"},
		{"export one.csv --mptcpstream 0", "the packets of one connection"},
		{"export streams.jsonl --table streams", "another table"},
	},
	Params: []Param{
		{Name: "FILE", Kind: Path, Required: true, Repeat: true, Doc: "the file to write; or, as the original had it, CAPTURE STREAM FILE"},
		{Name: "--format", Kind: Text, Value: "FORMAT", Doc: "csv, tsv, jsonl …; the extension says it otherwise"},
		{Name: "--table", Kind: Choice, Choices: export.TableNames(), Value: "TABLE", Doc: "what to write; packets without it"},
		{Name: "--columns", Kind: Text, Value: "NAMES", Doc: "columns separated by commas, in this order"},
		{Name: "--layout", Kind: Choice, Choices: export.LayoutNames(), Value: "LAYOUT", Doc: "the columns of an earlier generation"},
		{Name: "--mptcpstream", Kind: ConnID, Value: "CONNECTION", Doc: "only this connection"},
		{Name: "--tcpstream", Kind: StreamID, Value: "STREAM", Doc: "only this TCP stream"},
		{Name: "--destination", Kind: Dest, Value: "DEST", Doc: "only what travels to this end"},
		destOption,
		{Name: "--drop-syn", Kind: Flag, Doc: "without the packets that open streams"},
		packetsWhere,
	},
	Run: func(ctx context.Context, c *Call) error {
		l, err := c.exported(ctx)
		if err != nil {
			return err
		}
		q, err := c.exportRequest(l)
		if err != nil {
			return err
		}
		return c.write(ctx, l, q, c.Word("FILE"))
	},
}

var cleanCommand = Command{
	Name:    "clean_pcap",
	Summary: "write a capture of the TCP packets alone",
	Help: `Writes the packets that are kept when the capture is loaded, as Wireshark's filter "mptcp or tcp and not icmp" keeps them, to
a pcapng file: whole frames, with their times and interfaces.`,
	Examples: []Example{{"clean_pcap capture.pcapng clean.pcapng", "leave out all that is not TCP"}},
	Params: []Param{
		{Name: "IN", Kind: Capture, Required: true, Doc: "a capture file, or one that is loaded"},
		{Name: "OUT", Kind: Path, Required: true, Doc: "the file to write"},
	},
	Run: func(ctx context.Context, c *Call) error {
		if _, err := export.FormatByName("pcapng", c.Session.formats()); err != nil {
			return c.Fail("captures cannot be written here")
		}
		l, err := c.CaptureOrFile(ctx, "IN")
		if err != nil {
			return err
		}
		return c.write(ctx, l, export.Request{Format: "pcapng"}, c.Word("OUT"))
	},
}

// formats are those that this program can write.
func (s *Session) formats() []export.Format { return append(export.Formats(), s.options.Formats...) }

// exported is the capture to write: the current one, or that of the original's form, CAPTURE STREAM FILE.
func (c *Call) exported(ctx context.Context) (*Loaded, error) {
	words := c.args["FILE"]
	if len(words) == 1 {
		return c.Loaded()
	}
	if len(words) != 3 || !isNumber(words[1].text) {
		return nil, c.Misused("FILE", "one file is wanted, or a capture, the number of a connection, and a file")
	}
	if !c.Has("--tcpstream") && !c.Has("--mptcpstream") {
		c.args["--mptcpstream"] = words[1:2]
	}
	return c.captureNamed(ctx, "FILE", words[0].text)
}

// exportRequest reads the words of export.
func (c *Call) exportRequest(l *Loaded) (q export.Request, err error) {
	if q.Format = c.Word("--format"); q.Format == "" {
		f, ok := export.FormatByFile(c.Word("FILE"), c.Session.formats())
		if !ok {
			var names []string
			for _, f := range c.Session.formats() {
				names = append(names, f.Name)
			}
			return q, c.Misused("FILE", "the name does not say a format: --format is one of %s", strings.Join(names, ", "))
		}
		q.Format = f.Name
	}
	if q.Format == "csv" {
		if q.Delimiter, err = export.Delimiter(c.Session.Settings().Get("delimiter")); err != nil {
			return q, err
		}
	}
	if c.Has("--table") {
		q.Tables = []string{c.Word("--table")}
	} else {
		q.Tables = []string{"packets"}
	}
	if c.Has("--columns") {
		q.Fields = strings.Split(c.Word("--columns"), ",")
	}
	q.Layout = c.Word("--layout")
	q.Select, err = c.exportSelect(l)
	return q, err
}

// exportSelect is which packets are wanted.
func (c *Call) exportSelect(l *Loaded) (s export.Select, err error) {
	if c.Has("--mptcpstream") {
		connection, err := c.connectionOf(l, "--mptcpstream")
		if err != nil {
			return s, err
		}
		s.MPTCP = []uint32{connection.ID}
	}
	if c.Has("--tcpstream") {
		id, err := c.oneStream(l, "--tcpstream")
		if err != nil {
			return s, err
		}
		s.TCP = []uint32{id}
	}
	if s.Dest, err = c.Dest("--destination", "--dest"); err != nil {
		return s, err
	}
	p, err := c.packetsThat()
	if p != nil {
		s.Where = p.Match
	}
	s.DropSYN = c.Has("--drop-syn")
	return s, err
}

// ExportVerdicts concludes on the connections of a capture, for tables that are written.
func ExportVerdicts(t *trace.Trace) func(index int) export.Verdict {
	verdicts := analysis.NewDiagnoses(t)
	return func(index int) export.Verdict {
		f := verdicts.Finding(index)
		return export.Verdict{Key: f.Diagnosis.Key(), Why: f.Diagnosis.Fallback(), Packet: f.Packet()}
	}
}

// ExportIssues lists what is suspicious in a capture, as the command issues does, for tables that are written.
func ExportIssues(t *trace.Trace) []export.Issue {
	list, _ := analysis.Suspicions(t, everyConn(t), true, 0)
	issues := make([]export.Issue, len(list))
	for i := range list {
		s := &list[i]
		issue := export.Issue{Severity: s.Severity, Packet: s.Packet, Frame: s.Frame, Layer: s.Layer, Kind: s.Kind(), What: s.What, Section: s.Section,
			Count: s.Count, Meaning: s.Meaning(), Cure: s.Cure()}
		if s.Conn != nil {
			issue.Conn, issue.HasConn = s.Conn.ID, true
		}
		issue.Stream, issue.HasStream = s.Stream()
		issues[i] = issue
	}
	return issues
}

// write writes a capture to a file that the face saves.
func (c *Call) write(ctx context.Context, l *Loaded, q export.Request, name string) error {
	q.Verdicts, q.Issues = ExportVerdicts, ExportIssues
	q.Meta = map[string]string{"program": "mptcpanalyzer " + version, "capture": l.Name}
	job, err := export.NewJob(q, c.Session.formats())
	if err != nil {
		return &LineError{Message: c.Command.Name + ": " + err.Error(), Usage: c.Command.Usage(), Misuse: true, Err: err}
	}
	if job.Format.Frames && l.Table {
		return c.Fail("%s is a table of packets, which holds no frames", l.Name)
	}
	return c.Show(&display.File{Name: name, Write: func(out display.Writer) error {
		w, err := job.Open(out)
		if err != nil {
			return err
		}
		closeAll := func() {}
		defer func() { closeAll() }()
		err = w.Trace(ctx, l.Name, l.Trace, func() (readers []io.Reader, err error) {
			readers, closeAll, err = c.reopen(ctx, l)
			return readers, err
		})
		if err != nil {
			w.Abandon()
			return fmt.Errorf("%s: %w", l.Name, err)
		}
		return w.Close()
	}})
}
