package main

import (
	"fmt"
	"strings"
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
func (t *theories) explain(column string, i int, ours, theirs string) (causes defect, ok bool) {
	as, known := t.with(allDefects)[i].column(column)
	if !known || as != theirs {
		return 0, false
	}
	if right, _ := t.with(0)[i].column(column); right != ours {
		return 0, false
	}
	return t.causes(column, i, theirs), true
}

// told is what the model gives for a cell, with all defects and without any, empty if it does not make that column.
func (t *theories) told(column string, i int) string {
	with, known := t.with(allDefects)[i].column(column)
	if !known {
		return ""
	}
	without, _ := t.with(0)[i].column(column)
	return fmt.Sprintf(" (the model has %q, without defects %q)", with, without)
}

// causes are the defects without which alone tshark would print something else, or, if there is none as several do the
// same to the cell, those each of which suffices for it.
func (t *theories) causes(column string, i int, theirs string) (needed defect) {
	var sufficient defect
	for _, d := range defects {
		if mended, _ := t.with(allDefects &^ d.is)[i].column(column); mended != theirs {
			needed |= d.is
		}
	}
	if needed != 0 {
		return needed
	}
	for _, d := range defects {
		if alone, _ := t.with(d.is)[i].column(column); alone == theirs {
			sufficient |= d.is
		}
	}
	return sufficient
}

// column is the cell of that name, not ok if the model does not make it.
func (c *cells) column(name string) (text string, ok bool) {
	switch name {
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
