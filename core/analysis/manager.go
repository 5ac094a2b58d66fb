package analysis

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// ManagerRecord is what the path manager mptcp-pm writes of a connection at one moment: a JSON file with the state of
// every subflow, as the kernel's TCP_INFO gives it.
type ManagerRecord struct {
	Name     string                       `json:"name"`  // the connection's token
	Delay    *float64                     `json:"delay"` // ms since the start
	Subflows []map[string]json.RawMessage `json:"subflows"`
}

// ReadManager reads such a file.
func ReadManager(r io.Reader) (*ManagerRecord, error) {
	var m ManagerRecord
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		return nil, fmt.Errorf("is no record of mptcp-pm: %w", err)
	}
	if m.Delay == nil {
		return nil, errors.New("is no record of mptcp-pm: it has no delay")
	}
	return &m, nil
}

// ManagerField is a field that can be drawn: Names are what versions of mptcp-pm call it, which differ although the unit
// does not. Times are in Unit ns after multiplication with Scale.
type ManagerField struct {
	Names []string
	Label string
	Unit  display.Unit
	Scale float64
}

// ManagerFields are the fields that can be drawn.
func ManagerFields() []ManagerField {
	return []ManagerField{
		{[]string{"snd_cwnd"}, "Congestion window, in segments", display.None, 1},
		{[]string{"snd_ssthresh"}, "Slow start threshold, in segments", display.None, 1},
		{[]string{"rtt_us", "rtt_ms"}, "Smoothed round trip time", display.Nanoseconds, 1e3},
		{[]string{"rttvar", "rttvar_ms"}, "Variation of the round trip time", display.Nanoseconds, 1e3},
		{[]string{"min_rtt"}, "Least round trip time", display.Nanoseconds, 1e3},
		{[]string{"rto_us", "rto_ms"}, "Retransmission timeout", display.Nanoseconds, 1e3},
		{[]string{"delivery_rate"}, "Delivery rate", display.BytesPerSecond, 1},
		{[]string{"pacing"}, "Pacing rate", display.BytesPerSecond, 1},
		{[]string{"rmem"}, "Receive memory", display.Bytes, 1},
		{[]string{"wmem"}, "Send memory", display.Bytes, 1},
		{[]string{"fowd"}, "Forward one-way delay", display.None, 1},
		{[]string{"bowd"}, "Backward one-way delay", display.None, 1},
		{[]string{"reordering"}, "Reordering, in segments", display.None, 1},
		{[]string{"retrans"}, "Retransmissions", display.None, 1},
		{[]string{"delivered"}, "Delivered segments", display.None, 1},
		{[]string{"lost"}, "Lost segments", display.None, 1},
	}
}

// Manager draws a field of records over time, a line for each subflow of each connection. Values above 2³¹-1, which stand
// for "none yet", are left out.
func Manager(records []*ManagerRecord, field *ManagerField) *display.Chart {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *ManagerRecord) int { return cmp.Compare(*a.Delay, *b.Delay) })
	c := &display.Chart{
		Title: field.Label,
		X:     display.Axis{Label: "Time since the start", Unit: display.Nanoseconds},
		Y:     display.Axis{Label: field.Label, Unit: field.Unit},
	}
	var lines []*display.Series
	at := map[string]*display.Series{}
	for _, r := range records {
		for _, subflow := range r.Subflows {
			name := subflowOf(r.Name, subflow)
			v, ok := number(subflow, field)
			if !ok || v >= math.MaxInt32*field.Scale && field.Unit == display.None {
				continue
			}
			s := at[name]
			if s == nil {
				s = &display.Series{Name: name, Group: len(lines), Mark: display.Line}
				at[name], lines = s, append(lines, s)
			}
			s.X, s.Y = append(s.X, int64(math.Round(*r.Delay*1e6))), append(s.Y, v)
		}
	}
	for _, s := range lines {
		c.Series = append(c.Series, *s)
	}
	return c
}

// number is the value of a field of a subflow, in the unit of the axis.
func number(subflow map[string]json.RawMessage, field *ManagerField) (float64, bool) {
	for _, name := range field.Names {
		if v, err := strconv.ParseFloat(string(subflow[name]), 64); err == nil {
			return v * field.Scale, true
		}
	}
	return 0, false
}

// subflowOf names a subflow by its addresses, and its connection by the token.
func subflowOf(token string, subflow map[string]json.RawMessage) string {
	text := func(key string) string {
		var s string
		if json.Unmarshal(subflow[key], &s) != nil {
			return string(subflow[key])
		}
		return s
	}
	return fmt.Sprintf("%s · %s → %s", token, net.JoinHostPort(text("srcIp"), text("srcPort")), net.JoinHostPort(text("dstIp"), text("dstPort")))
}
