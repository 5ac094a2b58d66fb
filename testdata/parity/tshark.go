package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// tshark runs the program of that name.
type tshark struct {
	version string
	config  string // an empty folder, so that no profile of the user's interferes
}

func newTshark() (*tshark, error) {
	dir, err := os.MkdirTemp("", "parity")
	if err != nil {
		return nil, err
	}
	t := &tshark{config: dir}
	out, err := t.command("--version").Output()
	if err != nil {
		t.close()
		return nil, fmt.Errorf("tshark: %w", err)
	}
	line, _, _ := bytes.Cut(out, []byte("\n"))
	t.version = string(line)
	return t, nil
}

func (t *tshark) close() { os.RemoveAll(t.config) }

func (t *tshark) command(args ...string) *exec.Cmd {
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+t.config)
	return cmd
}

// separator stands between the fields; no value has it.
const separator = "|"

// preferences are those that the original gave to tshark.
var preferences = [...]string{
	`gui.column.format:"Time","%At","ipsrc","%s","ipdst","%d"`,
	"tcp.analyze_sequence_numbers:True",
	"mptcp.analyze_mappings:True",
	"mptcp.relative_sequence_numbers:True",
	"mptcp.intersubflows_retransmission:True",
	"mptcp.analyze_mptcp:True",
}

// filter keeps the packets that become rows. Those whose TCP header the capture cut before the window, of which tshark shows
// the ports at most, have no stream; here they are counted as skipped.
const filter = "(mptcp or tcp and not icmp) and tcp.stream"

// rows calls each with the cells of every row that tshark prints for a capture.
func (t *tshark) rows(name string, columns []column, each func(cells []string) error) error {
	args := []string{"-r", name, "-2", "-R", filter, "-T", "fields", "-E", "separator=" + separator}
	for _, p := range preferences {
		args = append(args, "-o", p)
	}
	for _, c := range columns {
		args = append(args, "-e", c.field)
	}
	cmd := t.command(args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = readRows(out, len(columns), each)
	if err != nil {
		cmd.Process.Kill()
	}
	// A capture that is cut makes it fail as well, after it has printed what there is.
	if failed := cmd.Wait(); err == nil && failed != nil && !cutShort(complaint.String()) {
		err = errors.Join(failed, errors.New(strings.TrimSpace(complaint.String())))
	}
	return err
}

func cutShort(complaint string) bool {
	return strings.Contains(complaint, "cut short") || strings.Contains(complaint, "damaged or corrupt")
}

// errAborted says that an assertion failed in tshark, outside of what one packet may break.
var errAborted = errors.New("tshark aborts")

func readRows(out io.Reader, n int, each func(cells []string) error) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "Bail out!") {
			return fmt.Errorf("%w: %s", errAborted, lines.Text())
		}
		cells := strings.Split(lines.Text(), separator)
		if len(cells) != n {
			return fmt.Errorf("tshark printed %d cells, not %d: %q", len(cells), n, lines.Text())
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return lines.Err()
}
