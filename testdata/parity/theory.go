package main

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// theories are the predictions for one capture: of Wireshark as it is, without any defect, and without one each. They
// are made when they are asked for.
type theories struct {
	segments []segment
	made     map[defect][]cells
}

func newTheories(segments []segment) *theories {
	return &theories{segments: segments, made: map[defect][]cells{}}
}

// with is the prediction by a model that has these defects.
func (t *theories) with(has defect) []cells {
	c, ok := t.made[has]
	if !ok {
		c = predict(t.segments, has)
		t.made[has] = c
	}
	return c
}

// explain names the defects that make tshark's cell differ from ours in row i. It is ok only if the model of Wireshark
// as it is predicts tshark's text, and the one without defects ours.
func (t *theories) explain(c *column, i int, ours, theirs string) (causes defect, ok bool) {
	as, known := t.cell(allDefects, c, i)
	if !known || as != theirs {
		return 0, false
	}
	if right, _ := t.cell(0, c, i); right != ours {
		return 0, false
	}
	return t.causes(c, i, theirs), true
}

// cell is what a model with these defects has in a cell, not ok if it does not make that column.
func (t *theories) cell(has defect, c *column, i int) (text string, ok bool) {
	cells := &t.with(has)[i]
	if text, ok = cells.column(c.name); ok || !c.ofOptions {
		return text, ok
	}
	read := t.segments[i]
	read.options, read.area = cells.options, cells.area
	var row trace.Row
	for it := mptcp.NewOptions(read.options, read.area); it.Next(); {
		row.Options = append(row.Options, it.Option())
	}
	return string(c.append(nil, &trace.Context{}, &row, &read)), true
}

// told is what the model gives for a cell, with all defects and without any, empty if it does not make that column.
func (t *theories) told(c *column, i int) string {
	with, known := t.cell(allDefects, c, i)
	if !known {
		return ""
	}
	without, _ := t.cell(0, c, i)
	return fmt.Sprintf(" (the model has %q, without defects %q)", with, without)
}

// causes are the defects without which alone tshark would print something else, or, if there is none as several do the
// same to the cell, those each of which suffices for it.
func (t *theories) causes(c *column, i int, theirs string) (needed defect) {
	var sufficient defect
	for _, d := range defects {
		if mended, _ := t.cell(allDefects&^d.is, c, i); mended != theirs {
			needed |= d.is
		}
	}
	if needed != 0 {
		return needed
	}
	for _, d := range defects {
		if alone, _ := t.cell(d.is, c, i); alone == theirs {
			sufficient |= d.is
		}
	}
	return sufficient
}

// column is the cell of that name, not ok if the model does not make it.
func (c *cells) column(name string) (text string, ok bool) {
	switch name {
	case "abstime":
		return c.times.absolute, c.times.absolute != ""
	case "reltime":
		return c.times.relative, c.times.relative != ""
	case "interface":
		return c.iface, true
	case "tcpoptions":
		return c.kinds, true
	case "ipsrc_host":
		return c.srcHost, true
	case "ipdst_host":
		return c.dstHost, true
	case "mptcpstream":
		return c.stream, true
	case "expected_token":
		return c.token, true
	case "dsnraw64":
		return c.rawDSN, true
	case "dack":
		return c.dack, true
	case "dsn":
		return c.dsn, true
	case "related_mappings":
		return c.related, true
	case "reinjection_of":
		return c.reinjectionOf, true
	case "reinjected_in":
		return c.reinjectedIn, true
	case "duplicate_ack":
		return c.duplicateAck, true
	case "reused_ports":
		return c.reusedPorts, true
	case "tcpflags":
		return c.flags, c.bogus
	case "tcpack":
		return c.ack, c.bogus || c.lone
	case "tcpseq":
		return c.seq, c.lone
	case "tcplen":
		return c.len, c.bogus || c.ends
	case "rwnd":
		return c.window, true
	case "mss":
		return c.standard.mss, true
	case "wscale":
		return c.standard.wscale, true
	case "tcptsval":
		return c.standard.tsVal, true
	case "tcptsecr":
		return c.standard.tsEcr, true
	case "sack_le":
		return c.standard.sackLeft, true
	case "sack_re":
		return c.standard.sackRight, true
	case "checksum":
		return c.checksum, true
	}
	if bits, is := analysisBits(name); is {
		return boolean(c.analysis&bits != 0, true), true
	}
	return "", false
}

// String lists the names of the defects.
func (d defect) String() string {
	var names []string
	d.each(func(i int) { names = append(names, defects[i].name) })
	if len(names) == 0 {
		return "several together"
	}
	return strings.Join(names, ", ")
}
