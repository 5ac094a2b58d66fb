package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	captures "github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// work is one run of the program.
type work struct {
	args   *arguments
	stdin  io.Reader
	stdout io.Writer
	secret []byte      // of --anonymize
	ends   []mask.Pair // that one of the captures tells the keys of

	mu       sync.Mutex // guards what follows
	stderr   io.Writer
	streamed int // captures at the moment
	garbage  int // what was let grow before, in per cent
	line     progressLine
}

// tally is what came of one capture, or of several.
type tally struct {
	read   uint64 // packets in the captures
	kept   export.Kept
	issues uint64 // rows of warning or error
	unseen bool   // issues lacks those of a capture that was not looked through

	warnings []string
}

func (t *tally) add(o tally) {
	t.read += o.read
	t.kept.Packets += o.kept.Packets
	t.kept.Rows += o.kept.Rows
	t.issues += o.issues
	t.unseen = t.unseen || o.unseen
	t.warnings = append(t.warnings, o.warnings...)
}

// run writes all captures and says in a line what was done.
func (w *work) run(ctx context.Context) error {
	began := time.Now()
	var done tally
	err := w.setSecret()
	if err == nil {
		err = w.learnEnds(ctx)
	}
	if err != nil {
		return err
	}
	switch {
	case w.args.importing:
		return w.importCSV(ctx)
	case w.args.split:
		done, err = w.split(ctx)
	case len(w.args.by) > 0:
		done, err = w.dataset(ctx)
	default:
		done, err = w.one(ctx, w.args.output, w.args.inputs)
	}
	w.line.end(w.stderr)
	for _, warning := range done.warnings {
		fmt.Fprintf(w.stderr, "warning: %s\n", warning)
	}
	if err != nil {
		return err
	}
	if !w.args.quiet {
		issues := ""
		if !done.unseen {
			issues = counted(done.issues, "issue") + ", "
		}
		fmt.Fprintf(w.stderr, "%d packets read, %d kept, %d rows written, %s%.2f s\n", done.read, done.kept.Packets, done.kept.Rows, issues, time.Since(began).Seconds())
	}
	return nil
}

func counted(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// one writes some captures to one output.
func (w *work) one(ctx context.Context, output string, inputs []string) (done tally, err error) {
	base := ""
	if w.args.add && w.args.request.Format == "sqlite" && exists(output) {
		base = output
	}
	write := func(out io.Writer) error {
		done, err = w.write(ctx, out, inputs, base)
		return err
	}
	switch {
	case output == "":
		if _, terminal := console.Terminal(w.stdout); terminal && !w.args.readable() {
			return done, misused("format %s is nothing for a terminal: -o FILE, or a pipe", w.args.request.Format)
		}
		return done, write(w.stdout)
	case w.args.add && w.args.request.Format != "sqlite":
		err = w.append(ctx, output, write)
	default:
		err = disk.Save(output, write)
	}
	return done, err
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// write runs the job over captures. base is a file that is added to.
func (w *work) write(ctx context.Context, out io.Writer, inputs []string, base string) (done tally, err error) {
	job, err := w.job()
	if err != nil {
		return done, err
	}
	job.Output.Base = base
	guard := &guard{ctx: ctx, w: out}
	writing, err := job.Open(guard)
	if err != nil {
		return done, guard.cause(err)
	}
	if done, err = w.captures(ctx, job, writing, inputs); err != nil {
		writing.Abandon()
		return done, guard.cause(err)
	}
	if err := writing.Close(); err != nil {
		return done, guard.cause(err)
	}
	return done, ctx.Err() // what was interrupted at its very end is not kept either
}

// guard ends a writing that was interrupted, and remembers what the output failed of.
type guard struct {
	ctx context.Context
	w   io.Writer
	err error
}

// cause is what the output failed of, in its own words, or else the error that came of the writing.
func (g *guard) cause(err error) error {
	if g.err != nil {
		return g.err
	}
	return err
}

func (g *guard) Write(p []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := g.w.Write(p)
	if err != nil && g.err == nil {
		g.err = err
	}
	return n, err
}

// captures writes captures one after the other, or, merged, as one.
func (w *work) captures(ctx context.Context, job *export.Job, writing *export.Writing, inputs []string) (done tally, err error) {
	groups, names := [][]string{inputs}, captureNames(inputs)
	if w.args.merge {
		names = captureNames(inputs[:1])
	} else {
		groups = nil
		for i := range inputs {
			groups = append(groups, inputs[i:i+1])
		}
	}
	asked := asked{sel: &w.args.request.Select, captures: len(groups)}
	for i, group := range groups {
		d, err := w.capture(ctx, job, writing, names[i], group, &asked)
		if d != nil {
			done.add(d.tally(group[0]))
			asked.read(group[0], d.Digest)
		}
		done.kept = writing.Kept
		if err == nil && w.args.strict {
			err = d.strict()
		}
		if err != nil {
			return done, blame(group, err)
		}
	}
	warnings, err := asked.conclude()
	done.warnings = append(done.warnings, warnings...)
	return done, err
}

// blame says which capture of a group an error is about, unless it is about the output.
func blame(group []string, err error) error {
	name := group[0]
	var part *captures.SourceError
	if errors.As(err, &part) {
		name, err = group[part.Source], part.Err
	}
	var path *os.PathError
	if errors.Is(err, context.Canceled) || errors.As(err, &path) && path.Op == "write" {
		return err
	}
	if strings.HasPrefix(err.Error(), name+":") {
		return err
	}
	if name == "-" {
		name = "standard input"
	}
	return fmt.Errorf("%s: %w", name, err)
}

// loadBelow is the size of a file up to which it is loaded whole, for which some hundred megabytes are enough; larger
// ones are read twice.
const loadBelow = 512 << 20

// capture writes one capture, called name, in the way that suits it.
func (w *work) capture(ctx context.Context, job *export.Job, writing *export.Writing, name string, inputs []string, asked *asked) (*account, error) {
	if inputs[0] == "-" {
		return w.pipe(ctx, job, writing)
	}
	sources, size, err := open(inputs)
	if err != nil {
		return nil, err
	}
	defer closeAll(sources)
	o := trace.Options{Progress: w.progress(inputs[0], size)}
	frames := func() ([]io.Reader, error) {
		again, _, err := open(inputs)
		return readers(again), err
	}
	switch {
	case len(inputs) > 1:
		t, err := trace.LoadMerged(ctx, readers(sources), o)
		return w.written(ctx, job, writing, name, t, errors.Join(err, asked.absent(t)), frames)
	case job.Format.Frames, w.thorough(), size >= 0 && size < loadBelow && !w.args.onePass:
		t, err := trace.Load(ctx, sources[0], o)
		return w.written(ctx, job, writing, name, t, errors.Join(err, asked.absent(t)), frames)
	case size >= 0 && !w.args.onePass:
		if o.Ahead, err = w.lookAhead(ctx, inputs, o); err != nil {
			return nil, err
		}
	}
	return w.scan(ctx, writing, name, sources[0], o)
}

// scanGarbage is how much garbage is let grow, in per cent of what is in use, while a capture is streamed: that has to be little
// memory, and there is little to collect.
const scanGarbage = 20

func (w *work) scan(ctx context.Context, writing *export.Writing, name string, r io.Reader, o trace.Options) (*account, error) {
	w.streams(1)
	defer w.streams(-1)
	d, err := writing.Scan(ctx, name, r, o)
	a := &account{Digest: d}
	if w.args.strict {
		a.issues, a.looked = export.Dissected(d), true
	}
	return a, err
}

// streams counts the captures that are streamed at the same time, and has the collector know whether there are any.
func (w *work) streams(more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.streamed == 0 {
		w.garbage = debug.SetGCPercent(scanGarbage)
	}
	if w.streamed += more; w.streamed == 0 {
		debug.SetGCPercent(w.garbage)
	}
}

func (w *work) written(ctx context.Context, job *export.Job, writing *export.Writing, name string, t *trace.Trace, err error, frames func() ([]io.Reader, error)) (*account, error) {
	if err != nil {
		return nil, err
	}
	a := &account{Digest: t.Digest()}
	if a.looked = w.args.strict || job.Writes("issues") || t.Len() <= fewPackets && !w.args.quiet; a.looked {
		a.issues = core.ExportIssues(t)
		writing.Suspect(a.issues)
	}
	if w.args.strict {
		err = a.strict()
	}
	if err == nil {
		err = writing.Trace(ctx, name, t, frames)
	}
	return a, err
}

// pipe writes standard input. Packets themselves need a second reading, so that they are kept in a file meanwhile.
func (w *work) pipe(ctx context.Context, job *export.Job, writing *export.Writing) (*account, error) {
	o := trace.Options{Progress: w.progress("standard input", -1)}
	switch {
	case !job.Format.Frames && !w.thorough():
		return w.scan(ctx, writing, "stdin", w.stdin, o)
	case !job.Format.Frames:
		t, err := trace.Load(ctx, w.stdin, o)
		return w.written(ctx, job, writing, "stdin", t, err, nil)
	}
	spool, err := os.CreateTemp("", "mptcpexporter.*.pcap")
	if err != nil {
		return nil, err
	}
	if os.Remove(spool.Name()) != nil { // some systems keep the name of a file that is open
		defer os.Remove(spool.Name())
	}
	defer spool.Close()
	t, err := trace.Load(ctx, io.TeeReader(w.stdin, spool), o)
	return w.written(ctx, job, writing, "stdin", t, err, func() ([]io.Reader, error) {
		_, err := spool.Seek(0, io.SeekStart)
		return []io.Reader{spool}, err
	})
}

func (w *work) lookAhead(ctx context.Context, inputs []string, o trace.Options) (*trace.Ahead, error) {
	sources, _, err := open(inputs)
	if err != nil {
		return nil, err
	}
	defer closeAll(sources)
	return trace.LookAhead(ctx, sources[0], o)
}

// open opens captures; size is that of all, -1 if one is no ordinary file.
func open(names []string) (sources []core.Source, size int64, err error) {
	for _, name := range names {
		s, err := disk.Open(name)
		if err != nil {
			closeAll(sources)
			return nil, 0, fmt.Errorf("%s: %w", name, disk.Plain(err))
		}
		sources = append(sources, s)
		if size >= 0 {
			size += s.Size
		}
		if s.Size < 0 {
			size = -1
		}
	}
	return sources, size, nil
}

func readers(sources []core.Source) []io.Reader {
	var list []io.Reader
	for _, s := range sources {
		list = append(list, s)
	}
	return list
}

func closeAll(sources []core.Source) {
	for _, s := range sources {
		s.Close()
	}
}

// job makes the job anew: outputs written at the same time do not share one.
func (w *work) job() (*export.Job, error) {
	q := w.args.request
	q.Verdicts, q.Issues = core.ExportVerdicts, core.ExportIssues
	q.Meta = map[string]string{"program": "mptcpexporter", "version": core.Version()}
	if !w.args.anonymize {
		q.Meta["capture"] = strings.Join(w.args.inputs, " ")
	} else {
		var err error
		if q.Mask, err = mask.New(w.secret); err != nil {
			return nil, err
		}
		q.Mask.Know(w.ends)
	}
	return export.NewJob(q, formats())
}
