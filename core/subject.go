package core

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// subject is what a command with connParam, destParam and destOption is about.
func (c *Call) subject() (l *Loaded, connection *conn.Conn, dest stream.Dest, err error) {
	if l, connection, err = c.Conn("CONNECTION"); err != nil {
		return nil, nil, 0, err
	}
	dest, err = c.Dest("DEST", "--dest")
	return l, connection, dest, err
}

// answer shows tables and remarks. A machine gets the first table alone.
func (c *Call) answer(l *Loaded, remarks []string, tables ...*display.Table) error {
	for _, t := range tables {
		if err := c.showTable(l, t); err != nil || c.machine() {
			return err
		}
	}
	return c.notes(remarks)
}

// notes shows remarks, where people read the answer.
func (c *Call) notes(list []string) error {
	if c.machine() {
		return nil
	}
	for _, n := range list {
		if err := c.Note("%s", n); err != nil {
			return err
		}
	}
	return nil
}
