package analysis

import (
	"context"
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Where things stand beside a subflow's line in a timeline.
const (
	dataAbove   = 0.15
	signsAbove  = 0.35
	connectionY = 0.0
)

// Timeline draws the lives of the subflows: lines from first to last packet, data on them, and what opens, changes and ends
// them as signs.
func Timeline(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("Subflows over time", display.Axis{Label: "Subflow", Names: []string{"data acks"}})
	acks := display.Series{Name: "data acks advance", Group: display.Connection, Mark: display.Dots}
	d := &timeline{Scope: s, acks: &acks}
	for ordinal := range s.Conn.Subflows {
		id := s.Conn.Subflows[ordinal].Stream
		chart.Y.Names = append(chart.Y.Names, strconv.FormatUint(uint64(id), 10))
		if !s.Skip[id] {
			if err := d.subflow(ctx, ordinal, id); err != nil {
				return nil, err
			}
		}
	}
	if err := d.dataAcks(ctx); err != nil {
		return nil, err
	}
	chart.Series = withPoints(append(append(d.lives, acks), d.signs...))
	return chart, nil
}

// timeline collects the series.
type timeline struct {
	*Scope
	lives, signs []display.Series
	acks         *display.Series
	row          trace.Row
	fins         [3]bool // a DATA_FIN on this subflow was drawn, by the end that it travels to
}

// subflow draws one subflow.
func (d *timeline) subflow(ctx context.Context, ordinal int, id uint32) error {
	lane := d.lane(id, ordinal, stream.Server, subflowToward(&d.Conn.Subflows[ordinal], stream.Server))
	life, signs := lane.Series(display.Line), lane.Series(display.Event)
	signs.Name = fmt.Sprintf("%d · signs", id)
	data := [3]display.Series{stream.Server: lane.Series(display.Dots), stream.Client: lane.Series(display.Dots)}
	for _, to := range ConnDirections(stream.DestUnknown) {
		data[to].Name, data[to].Dashed = "data "+"towards the "+to.End(), to == stream.Client
	}
	y := float64(ordinal + 1)
	d.fins = [3]bool{}
	for i, row := range d.Trace.SubflowRows(d.Conn, ordinal) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d.Trace.Row(int(row), &d.row)
		r := &d.row
		if !d.shows(r) || d.Dest != stream.DestUnknown && r.ConnDest != d.Dest {
			continue
		}
		if len(life.X) < 2 {
			d.put(&life, y)
		} else {
			life.X[1], life.Frame[1] = d.x(r.Time), r.Frame
		}
		if r.Len > 0 {
			d.put(&data[r.ConnDest], y+above(r.ConnDest)*dataAbove)
		}
		for _, label := range d.labels() {
			d.put(&signs, y+above(r.ConnDest)*signsAbove)
			signs.Labels = append(signs.Labels, label)
		}
	}
	d.lives = append(d.lives, life, data[stream.Server], data[stream.Client])
	d.signs = append(d.signs, signs)
	return nil
}

// above is 1 for what travels to the server, -1 for what travels to the client.
func above(to stream.Dest) float64 {
	if to == stream.Client {
		return -1
	}
	return 1
}

func (d *timeline) put(to *display.Series, y float64) {
	to.X, to.Y, to.Frame = append(to.X, d.x(d.row.Time)), append(to.Y, y), append(to.Frame, d.row.Frame)
}

// dataAcks draws when the data acks of the connection advance.
func (d *timeline) dataAcks(ctx context.Context) error {
	var high [3]uint64
	for i, row := range d.rows() {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		dack, ok := d.Trace.DACK(row)
		to := d.Trace.ConnDest(row)
		if !ok || high[to] != 0 && int64(dack-high[to]) <= 0 {
			continue
		}
		first := high[to] == 0
		high[to] = dack
		d.Trace.Row(int(row), &d.row)
		if !first && d.shows(&d.row) && (d.Dest == stream.DestUnknown || to != d.Dest) {
			d.put(d.acks, connectionY)
		}
	}
	return nil
}

// labels are the signs of a packet.
func (d *timeline) labels() (labels []string) {
	r := &d.row
	for _, o := range r.Options {
		if l := signOf(o, d.Conn.Version, r.Flags); l != "" {
			labels = append(labels, l)
		}
	}
	if r.HasDSS && r.DSS.DataFIN && !d.fins[r.ConnDest] {
		d.fins[r.ConnDest] = true
		labels = append(labels, "DATA_FIN")
	}
	switch {
	case r.Flags&stream.RST != 0:
		labels = append(labels, "RST")
	case r.Flags&stream.FIN != 0:
		labels = append(labels, "FIN")
	case r.Flags&stream.SYN != 0 && len(labels) == 0:
		labels = append(labels, "SYN")
	}
	return labels
}

// signOf is the sign of an MPTCP option, empty for those that every packet has.
func signOf(o mptcp.Option, v mptcp.Version, flags uint16) string {
	switch s := o.Subtype(); s {
	case mptcp.SubCapable, mptcp.SubJoin:
		if flags&stream.SYN != 0 {
			return s.String()
		}
	case mptcp.SubAddAddr:
		a, _ := mptcp.ParseAddAddr(o, v)
		if a.Echo {
			return fmt.Sprintf("%v %d echo", s, a.ID)
		}
		return fmt.Sprintf("%v %d", s, a.ID)
	case mptcp.SubRemoveAddr:
		a, _ := mptcp.ParseRemoveAddr(o)
		return fmt.Sprintf("%v %v", s, a.IDs)
	case mptcp.SubPrio:
		if p, _ := mptcp.ParsePrio(o, v); p.Backup {
			return s.String() + " backup"
		}
		return s.String() + " regular"
	case mptcp.SubFail, mptcp.SubFastclose, mptcp.SubReset:
		return s.String()
	}
	return ""
}
