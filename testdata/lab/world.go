package main

import (
	"sync/atomic"
)

// world is one run: the scenario and what is shared by its parts.
type world struct {
	sc     *Scenario
	watch  stopwatch
	start  atomic.Int64 // true time at which traffic began; -1 before
	client *capture
	server *capture
	truth  truth
	links  []*link
}

// newWorld opens the captures of a run in dir.
func newWorld(sc *Scenario, dir string) (*world, error) {
	w := &world{sc: sc, watch: newStopwatch()}
	w.start.Store(-1)
	var err error
	if w.client, err = newCapture(dir+"/client.pcapng", sc, "client", sc.ClientClock, w.watch); err != nil {
		return nil, err
	}
	if w.server, err = newCapture(dir+"/server.pcapng", sc, "server", sc.ServerClock, w.watch); err != nil {
		w.client.close()
		return nil, err
	}
	return w, nil
}
