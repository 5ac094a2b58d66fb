package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var chartsCommand = Command{
	Name:    "charts",
	Summary: "choose where a notebook's charts get their library",
	Help: `server: from the Jupyter server, so that notebooks stay small; where they are shown without it, charts are pictures.
inline: from the notebook itself, for pages that are sent around and for editors; a chart is larger by half a megabyte.
static: nowhere, charts are pictures.
Charts that stand in the notebook already stay as they are. Without a word it says what holds now.`,
	Examples: []Example{{"charts inline", "charts that work wherever the notebook goes"}},
	Params:   []Param{{Name: "PLACE", Kind: Choice, Choices: ChartPlaces(), Doc: "server, inline or static"}},
	Run: func(_ context.Context, c *Call) error {
		settings := c.Session.Settings()
		if place := c.Word("PLACE"); place != "" {
			if err := settings.Set("charts", place, "charts"); err != nil {
				return c.Misused("PLACE", "%v", err)
			}
			return nil
		}
		return c.Show(&display.Text{Body: "charts " + settings.Get("charts")})
	},
}
