package columnar

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// openFiles is how many files of a dataset are written at the same time; when one more is needed, the fullest is ended,
// and its partition goes on in a further file.
const openFiles = 64

// heldRows is how many rows wait in all open files together; when there are more, those of the fullest are written.
const heldRows = 2 * groupRows

// noValue is the name of the partition of rows without a value, as Hive has it.
const noValue = "__HIVE_DEFAULT_PARTITION__"

// Dataset writes a table as a Hive-style dataset below a folder: FIELD=VALUE/FIELD=VALUE/part-N.parquet, which DuckDB,
// Spark, ClickHouse and pandas read as one table. The fields of the folders are not in the files.
type Dataset struct {
	dir   string
	by    []export.Selected
	out   export.Output
	files map[string]*part
	parts map[string]int // files made so far, by folder
	held  int            // rows that wait to be written
	path  []byte
}

// part is one file under way.
type part struct {
	folder  string
	f       *os.File
	w       *bufio.Writer
	encoder *encoder
}

// NewDataset starts a dataset in a folder, which must be there, by fields of the table, which need not be among those
// selected.
func NewDataset(dir string, by []string, o export.Output) (*Dataset, error) {
	if len(o.Sheets) != 1 {
		return nil, fmt.Errorf("a dataset holds one table, not %d", len(o.Sheets))
	}
	d := &Dataset{dir: dir, out: o, files: map[string]*part{}, parts: map[string]int{}}
	sheet := o.Sheets[0]
	var err error
	if d.by, err = sheet.Table.Pick(by); err != nil {
		return nil, err
	}
	var rest []export.Selected
	for _, f := range sheet.Fields {
		if !d.parted(f.Head) {
			rest = append(rest, f)
		}
	}
	if len(rest) == 0 {
		return nil, errors.New("no column is left for the files of the dataset")
	}
	d.out.Sheets = []export.Sheet{{Table: sheet.Table, Fields: rest}}
	return d, nil
}

// Fits is an error if a folder holds something else than a dataset with the same folders: what is added to it would make of it
// one that nobody can read.
func (d *Dataset) Fits(dir string) error {
	var there, wanted []string
	for level := dir; ; {
		entries, err := os.ReadDir(level)
		if err != nil {
			return err
		}
		folder := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.IsDir() && strings.Contains(e.Name(), "=") })
		if folder < 0 && len(there) == 0 && len(entries) > 0 {
			return fmt.Errorf("%s is no dataset, and not empty", dir)
		}
		if folder < 0 {
			break
		}
		head, _, _ := strings.Cut(entries[folder].Name(), "=")
		there, level = append(there, head), filepath.Join(level, entries[folder].Name())
	}
	for _, f := range d.by {
		wanted = append(wanted, f.Head)
	}
	if len(there) > 0 && !slices.Equal(there, wanted) {
		return fmt.Errorf("%s is partitioned by %s, not by %s", dir, strings.Join(there, ","), strings.Join(wanted, ","))
	}
	return nil
}

func (d *Dataset) parted(head string) bool {
	for _, f := range d.by {
		if f.Head == head {
			return true
		}
	}
	return false
}

// Add writes a record into the file of its partition.
func (d *Dataset) Add(_ int, r *export.Record) error {
	r.Whole()
	d.path = d.path[:0]
	for _, f := range d.by {
		start := len(d.path)
		d.path = f.Text(append(append(d.path, f.Head...), '='), r)
		if value := string(d.path[start+len(f.Head)+1:]); value == "" {
			d.path = append(d.path, noValue...)
		} else {
			d.path = append(d.path[:start+len(f.Head)+1], escape(value)...)
		}
		d.path = append(d.path, filepath.Separator)
	}
	p := d.files[string(d.path)]
	if p == nil {
		var err error
		if p, err = d.open(string(d.path)); err != nil {
			return err
		}
	}
	before := p.encoder.rows
	err := p.encoder.Add(0, r)
	if d.held += p.encoder.rows - before; err == nil && d.held > heldRows {
		p = d.fullest()
		d.held -= p.encoder.rows
		err = p.encoder.flush()
	}
	return err
}

// escape makes a name of a folder out of any value.
func escape(value string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.PathEscape(value), ":", "%3A"), "=", "%3D")
}

func (d *Dataset) open(folder string) (*part, error) {
	if len(d.files) >= openFiles {
		if err := d.end(d.fullest()); err != nil {
			return nil, err
		}
	}
	full := filepath.Join(d.dir, folder)
	if err := os.MkdirAll(full, 0o777); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(full, fmt.Sprintf("part-%d.parquet", d.parts[folder])))
	if err != nil {
		return nil, err
	}
	d.parts[folder]++
	p := &part{folder: folder, f: f, w: bufio.NewWriterSize(f, 1<<16)}
	if p.encoder, err = newParquet(p.w, d.out); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	d.files[folder] = p
	return p, nil
}

func (d *Dataset) fullest() (p *part) {
	for _, f := range d.files {
		if p == nil || f.encoder.rows > p.encoder.rows || f.encoder.rows == p.encoder.rows && f.folder < p.folder {
			p = f
		}
	}
	return p
}

// end finishes a file.
func (d *Dataset) end(p *part) error {
	delete(d.files, p.folder)
	d.held -= p.encoder.rows
	err := p.encoder.Close()
	if err == nil {
		err = p.w.Flush()
	}
	return errors.Join(err, p.f.Close())
}

// Close finishes all files. Its caller sees to it that they are on the disk.
func (d *Dataset) Close() error {
	var err error
	for len(d.files) > 0 {
		err = errors.Join(err, d.end(d.fullest()))
	}
	return err
}

// Abandon leaves the files as they are; the folder is of no use.
func (d *Dataset) Abandon() {
	for _, p := range d.files {
		p.f.Close()
	}
	d.files = nil
}
