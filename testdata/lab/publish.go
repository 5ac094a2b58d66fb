package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// publishRun copies what a scenario keeps from the run's folder to dir, as NAME.client.pcapng and
// so on, and always its report as NAME.json.
func publishRun(sc *Scenario, run, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	stem := filepath.Join(dir, sc.Name)
	errs := []error{copyFile(filepath.Join(run, "report.json"), stem+".json")}
	for _, k := range sc.Keep {
		switch k {
		case "truth":
			errs = append(errs, zipFile(filepath.Join(run, "truth.csv"), stem+".truth.csv.gz"))
		default:
			errs = append(errs, copyFile(filepath.Join(run, k+".pcapng"), stem+"."+k+".pcapng"))
		}
	}
	return errors.Join(errs...)
}

// packRun writes both captures and the truth of a run to dir, compressed, as NAME.client.pcapng.gz and so on.
func packRun(sc *Scenario, run, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var errs []error
	for _, file := range []string{"client.pcapng", "server.pcapng", "truth.csv"} {
		errs = append(errs, zipFile(filepath.Join(run, file), filepath.Join(dir, sc.Name+"."+file+".gz")))
	}
	return errors.Join(errs...)
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}

func zipFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(dst, gzip.BestCompression)
	if err == nil {
		_, err = io.Copy(z, src)
		err = errors.Join(err, z.Close())
	}
	return errors.Join(err, dst.Close())
}

// The table stands between these lines of the README.
const (
	tableBegin = "<!-- table: written by lab -publish -->\n"
	tableEnd   = "<!-- end of table -->\n"
)

// publishTable rewrites the table of counts in the README beside dir from the reports in dir.
func publishTable(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	table := "| capture | frames | kept | TCP streams | MPTCP streams | MPTCP connections | subflows | application bytes up / down |\n" +
		"|---|--:|--:|--:|--:|--:|--:|---|\n"
	for _, f := range files {
		var r Report
		b, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		table += tableRows(dir, &r)
	}
	return replaceTable(filepath.Join(filepath.Dir(filepath.Clean(dir)), "README.md"), table)
}

// tableRows gives a row for each capture of a report that dir has.
func tableRows(dir string, r *Report) string {
	bytes := appBytes(r.App)
	rows := ""
	for _, side := range []struct {
		name   string
		counts Counts
	}{{"client", r.Captures.Client}, {"server", r.Captures.Server}} {
		file := r.Name + "." + side.name + ".pcapng"
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			continue
		}
		c := side.counts
		rows += fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %s |\n", file, c.Frames, c.Kept, c.TCPStreams, c.MPTCP,
			c.Connections, c.Subflows, bytes)
	}
	return rows
}

// appBytes gives the bytes of each flow, or of all together where they are many.
func appBytes(flows []FlowReport) string {
	var each []string
	var up, down int64
	for _, f := range flows {
		each = append(each, fmt.Sprintf("%d / %d", f.Client.Sent, f.Server.Sent))
		up, down = up+f.Client.Sent, down+f.Server.Sent
	}
	if len(flows) > 2 {
		return fmt.Sprintf("%d / %d in %d flows", up, down, len(flows))
	}
	return strings.Join(each, ", ")
}

// replaceTable replaces what stands between the table's marks in a file.
func replaceTable(file, table string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(b), tableBegin)
	_, tail, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no %q … %q to write the table between", file, strings.TrimSpace(tableBegin), strings.TrimSpace(tableEnd))
	}
	return os.WriteFile(file, []byte(head+tableBegin+table+tableEnd+tail), 0o644)
}
