package bridge

import "github.com/mptcpanalyzer/mptcpanalyzer/display"

type Window struct{}
type chartEvent struct{}

func (b *Bridge) presentChart(c *display.Chart) (*chartEvent, error) { return nil, nil }
func (b *Bridge) draw(c *display.Chart, o *output) error     { return nil }
func (b *Bridge) redraw(r *Request, o *output) error         { return nil }
