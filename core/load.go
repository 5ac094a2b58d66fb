package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/sheet"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var loadCommand = Command{
	Name:    "load",
	Aliases: []string{"load_pcap", "load_csv"},
	Summary: "read a capture and make it the current one",
	Help: `Reads a pcap or pcapng file (gzip and zstd too), told by its content. Everything but TCP is left out, as Wireshark's
filter "mptcp or tcp and not icmp" does. A capture that is cut in the middle of a packet is read up to there, and the
answer says where.
A table of packets is read too: an export of this program, or of its Python and Haskell predecessors, which holds all but
payload. Where NAME is gone but NAME.csv stands beside, that is read.`,
	Examples: []Example{
		{"load two-path-upload.client.pcapng", "read a capture"},
		{"load client.pcapng server.pcapng", "read two; the last one is the current one"},
		{"load --merge rotated.1 rotated.2", "read the parts of one capture, ordered by time"},
		{"load --follow growing.pcap", "look on while tcpdump writes it"},
		{"load --as before monday.pcapng", "call it before; captures lists what is loaded"},
	},
	Params: append([]Param{
		{Name: "FILE", Kind: Capture, Required: true, Repeat: true, Doc: "capture files; - is standard input"},
		{Name: "--as", Kind: Text, Value: "NAME", Doc: "call the capture so, in place of one that is called so already"},
		{Name: "--regen", Short: "-r", Kind: Flag, Doc: "dissect it anew, whatever the cache has"},
		{Name: "--merge", Kind: Flag, Doc: "the files are parts of one capture: a rotation, or one file an interface"},
		{Name: "--follow", Kind: Flag, Doc: "look on while the file grows, until interrupted; what came until then is kept"},
	}, watchParams()...),
	Run: runLoad,
}

func runLoad(ctx context.Context, c *Call) error {
	names := c.Words("FILE")
	if last := len(names) - 1; last > 0 && strings.HasPrefix(c.Line, "load-csv ") && (names[last] == "True" || names[last] == "False") {
		names = names[:last] // the Haskell generation wanted this word, and did nothing with it
	}
	parts := make([][]string, 0, len(names))
	for i := range names {
		parts = append(parts, names[i:i+1])
	}
	if c.Has("--merge") {
		parts = [][]string{names}
	}
	if err := c.checkName(len(parts)); err != nil {
		return err
	}
	if c.Has("--follow") && len(names) > 1 {
		return c.Misused("--follow", "--follow looks on while one file grows, and %d are given", len(names))
	}
	for _, files := range parts {
		l, err := c.readOrFollow(ctx, files)
		if err != nil {
			return err
		}
		c.Session.keep(l, c.Word("--as"))
		if err := showLoaded(l, c.Out); err != nil {
			return err
		}
	}
	return nil
}

// readOrFollow loads a capture as it is, or while it grows.
func (c *Call) readOrFollow(ctx context.Context, files []string) (*Loaded, error) {
	if c.Has("--follow") {
		return c.follow(ctx, files)
	}
	for _, option := range []string{"--for", "--packets"} {
		if c.Has(option) {
			return nil, c.Misused(option, "%s goes with --follow", option)
		}
	}
	return c.read(ctx, "FILE", files)
}

// checkName refuses a name that could not be told from a number, an option or another capture's.
func (c *Call) checkName(captures int) error {
	if !c.Has("--as") {
		return nil
	}
	name := c.Word("--as")
	switch {
	case captures > 1:
		return c.Misused("--as", "--as names one capture, and %d files are given (--merge makes one of them)", captures)
	case strings.TrimSpace(name) == "" || strings.HasPrefix(name, "-") || isNumber(name):
		return c.Misused("--as", "%q cannot be a name: numbers and options are told by their form", name)
	case strings.IndexFunc(name, unicode.IsControl) >= 0:
		return c.Misused("--as", "%q cannot be a name: it has a character that cannot be typed", name)
	}
	return nil
}

// read opens files, the parts of one capture that the words of a parameter name, and dissects them, showing progress.
func (c *Call) read(ctx context.Context, param string, names []string) (*Loaded, error) {
	readers, size, closeAll, err := c.open(ctx, param, names)
	var beside []string
	if errors.Is(err, fs.ErrNotExist) {
		beside = c.tablesBeside(ctx, names)
	}
	if beside != nil {
		closeAll()
		if err := c.Note("%s is gone: its export %s is read", strings.Join(names, ", "), strings.Join(beside, ", ")); err != nil {
			return nil, err
		}
		names = beside
		readers, size, closeAll, err = c.open(ctx, param, names)
	}
	defer func() { closeAll() }()
	if err != nil {
		return nil, err
	}
	t, err := c.kept(ctx, names, c.Has("--regen"), func() (*trace.Trace, error) {
		return dissect(ctx, readers, size, loadingTask(names[0]), c.Out)
	})
	var part *capture.SourceError
	if errors.As(err, &part) {
		return nil, c.blameFile(param, names[part.Source], part.Err)
	}
	if err != nil {
		return nil, c.blameFile(param, names[0], err)
	}
	return &Loaded{Name: shortName(names), Path: pathOf(names), Files: names, Trace: t, Table: ofTable(readers)}, nil
}

// open opens files for reading; closeAll closes them, also after an error. A cancelled ctx closes them at once: reading
// must not wait for a pipe or a disk that does not answer.
func (c *Call) open(ctx context.Context, param string, names []string) (readers []io.Reader, size int64, closeAll func(), err error) {
	var closers []func()
	closeAll = func() {
		for _, f := range closers {
			f()
		}
	}
	if c.Session.options.Open == nil {
		return nil, 0, closeAll, c.Fail(noFiles)
	}
	for _, name := range names {
		source, err := c.openOne(ctx, name)
		if err != nil {
			return nil, 0, closeAll, c.blameFile(param, name, err)
		}
		stop := context.AfterFunc(ctx, func() { source.Close() })
		closers = append(closers, func() { stop(); source.Close() })
		reader, err := captureOrTable(source.ReadCloser)
		if err != nil {
			return nil, 0, closeAll, c.blameFile(param, name, err)
		}
		readers, size = append(readers, reader), size+source.Size
	}
	return readers, size, closeAll, nil
}

// openOne opens a file. A cancelled ctx ends the waiting for one that does not open, as a named pipe without a writer.
func (c *Call) openOne(ctx context.Context, name string) (Source, error) {
	type opened struct {
		source Source
		err    error
	}
	done := make(chan opened, 1)
	go func() {
		source, err := c.Session.options.Open(name)
		done <- opened{source, err}
	}()
	select {
	case o := <-done:
		return o.source, o.err
	case <-ctx.Done():
		go func() { // should it open after all
			if o := <-done; o.err == nil {
				o.source.Close()
			}
		}()
		return Source{}, ctx.Err()
	}
}

// dissect reads one capture from its parts.
func dissect(ctx context.Context, parts []io.Reader, size int64, task string, out Output) (*trace.Trace, error) {
	shown := false
	options := trace.Options{Progress: func(p trace.Progress) {
		shown = true
		out.Progress(loadProgress(task, p, size))
	}}
	if table, ok := parts[0].(*sheet.Capture); ok {
		options.Start = &table.Start
	}
	var t *trace.Trace
	var err error
	if len(parts) == 1 {
		t, err = trace.Load(ctx, parts[0], options)
	} else {
		t, err = trace.LoadMerged(ctx, parts, options)
	}
	if shown {
		out.Progress(display.Progress{Task: task, End: true})
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return t, err
}

// blameFile makes the error about one of the files given for a parameter.
func (c *Call) blameFile(param, name string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	shown := cmp.Or(name, `""`)
	if name == "-" {
		shown = baseName(name)
	}
	e := &LineError{Message: fmt.Sprintf("%s: %s: %s", c.Command.Name, shown, plainError(err)), Err: err}
	for _, w := range c.args[param] {
		if w.text == name {
			e.Start, e.End = w.start, w.end
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Suggestion = c.Session.options.Instead.Open
	}
	if errors.Is(err, fs.ErrNotExist) && c.Session.options.Paths != nil {
		dir, _ := path.Split(name)
		if n := c.nearestFile(param, name, c.Session.options.Paths(dir)); n != "" {
			e.Suggestion = fmt.Sprintf("did you mean %s?", n)
		}
	}
	return e
}

// nearestFile is the file that was meant, or a few, or "": where captures are wanted one that is a capture by its name, if there is.
func (c *Call) nearestFile(param, name string, files []string) string {
	files = slices.DeleteFunc(files, func(file string) bool { return file == name })
	if slices.ContainsFunc(c.Command.Params, func(p Param) bool { return p.Name == param && p.Kind == Capture }) {
		captures := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !captureName(file) })
		if n := nearest(name, captures); n != "" {
			return n
		}
		begin := slices.DeleteFunc(captures, func(file string) bool { return !strings.HasPrefix(file, name) })
		if len(begin) > 0 && len(begin) <= 3 {
			return strings.Join(begin, " or ")
		}
	}
	return nearest(name, files)
}

// captureName says whether a file is a capture by its name.
func captureName(file string) bool {
	file = strings.ToLower(file)
	for _, packed := range []string{".gz", ".zst"} {
		file = strings.TrimSuffix(file, packed)
	}
	return slices.Contains([]string{".pcap", ".pcapng", ".cap", ".ntar", ".dmp"}, path.Ext(file))
}

// plainError leaves out what the operating system's errors repeat: the operation and the name.
func plainError(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.As(err, &p):
		return p.Err.Error()
	}
	return err.Error()
}

func baseName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return path.Base(strings.ReplaceAll(name, "\\", "/"))
}

func loadingTask(name string) string { return "reading " + baseName(name) }

func loadProgress(task string, p trace.Progress, size int64) display.Progress {
	return display.Progress{
		Task: task, Done: p.Bytes, Total: max(size, 0), Unit: display.Bytes,
		Note: fmt.Sprintf("%s, %s", display.Count(p.Frames, "packet"), display.Count(p.Conns, "MPTCP connection")),
	}
}

// showLoaded tells what a capture holds, and what is wrong with it.
func showLoaded(l *Loaded, out Output) error {
	t := l.Trace
	if err := out.Show(&display.Text{Body: loadedSentence(l)}); err != nil {
		return err
	}
	for _, note := range captureNotes(t) {
		if err := out.Show(note); err != nil {
			return err
		}
	}
	return nil
}

func loadedSentence(l *Loaded) string {
	t := l.Trace
	c := &t.Capture
	s := fmt.Sprintf("%s: %s", l.Name, display.Count(c.Kept, "TCP packet"))
	if c.Kept != c.Frames {
		s += " of " + display.Whole(c.Frames)
	}
	if c.Frames > 0 {
		s += fmt.Sprintf(" over %s", display.Scaled(float64(c.Last-c.First), display.Nanoseconds))
	}
	return s + fmt.Sprintf(", %s, %s.", display.Count(len(t.Streams), "TCP stream"), display.Count(len(t.Conns), "MPTCP connection"))
}

// captureNotes are the remarks about a capture as a whole.
func captureNotes(t *trace.Trace) []*display.Note {
	var notes []*display.Note
	if t.Capture.Cut != nil {
		notes = append(notes, &display.Note{Level: display.Caution, Body: "the capture is cut: " + t.Capture.Cut.Error()})
	}
	switch {
	case t.Capture.Frames == 0 && t.Capture.Cut == nil:
		notes = append(notes, &display.Note{Level: display.Caution, Body: "the capture holds no packet"})
	case t.Capture.Frames > 0 && t.Capture.Kept == 0:
		notes = append(notes, &display.Note{Level: display.Caution, Body: "no packet is TCP"})
	case t.Capture.Kept > 0 && len(t.Conns) == 0:
		note := &display.Note{Body: analysis.NoMPTCP(t) + ": lt lists the TCP streams"}
		if analysis.OptionsCut(t) > 0 {
			note = &display.Note{Level: display.Caution, Body: analysis.NoMPTCP(t)}
		}
		notes = append(notes, note)
	}
	if links := unknownLinks(t); len(links) > 0 {
		level := display.Info
		if t.Capture.Kept == 0 {
			level = display.Caution
		}
		notes = append(notes, &display.Note{Level: level, Body: "not decoded: packets of link type " + strings.Join(links, ", ") + " (www.tcpdump.org/linktypes.html)"})
	}
	return append(notes, errorNotes(t.Issues)...)
}

// unknownLinks are the numbers of the link types that packets of a capture may have and that are not decoded.
func unknownLinks(t *trace.Trace) []string {
	if t.Capture.Skipped[packet.UnknownLink.String()] == 0 {
		return nil
	}
	var links []string
	for _, i := range t.Interfaces {
		if n := strconv.FormatUint(uint64(i.Link), 10); packet.LinkName(i.Link) == "" && !slices.Contains(links, n) {
			links = append(links, n)
		}
	}
	return links
}

// mostErrors is how many kinds of errors are told on loading.
const mostErrors = 3

// errorNotes tell what is wrong with packets, each kind once.
func errorNotes(issues []trace.Issue) []*display.Note {
	var notes []*display.Note
	told, kinds := map[string]bool{}, 0
	for i := range issues {
		issue := &issues[i]
		if issue.Severity < trace.Error || issue.Layer == "capture" || told[issue.What] {
			continue
		}
		told[issue.What] = true
		if kinds++; kinds > mostErrors {
			continue
		}
		body := issue.What
		if issue.Frame > 0 {
			body += fmt.Sprintf(" (frame %d)", issue.Frame)
		}
		if issue.Count > 1 {
			body += fmt.Sprintf(", %s times", display.Whole(issue.Count))
		}
		notes = append(notes, &display.Note{Level: display.Caution, Body: body})
	}
	if kinds > mostErrors {
		notes = append(notes, &display.Note{Level: display.Caution, Body: fmt.Sprintf("and %s of errors", display.Count(kinds-mostErrors, "more kind"))})
	}
	return notes
}
