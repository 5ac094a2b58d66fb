package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// run is a run in progress, with what has to be undone after it.
type run struct {
	*world
	dir     string
	hosts   map[string]*host
	traffic *traffic
	devices []io.Closer
	socks   []net.Listener
}

// roles are the two hosts, in the order in which everything is done to them.
func roles() []string { return []string{"client", "server"} }

// perform runs a scenario and writes its files to dir, which is made. Namespaces and devices are
// gone when it returns, also when ctx is cancelled.
func perform(ctx context.Context, sc *Scenario, dir string) (rep *Report, err error) {
	if err := ready(); err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), sweep()); err != nil {
		return nil, err
	}
	w, err := newWorld(sc, dir)
	if err != nil {
		return nil, err
	}
	r := &run{world: w, dir: dir, hosts: map[string]*host{}, traffic: newTraffic(sc)}
	defer func() { err = errors.Join(err, r.tearDown()) }()
	if err := r.setUp(ctx); err != nil {
		return nil, err
	}
	if err := r.flow(ctx); err != nil {
		return nil, err
	}
	return r.finish()
}

// setUp makes hosts, paths and listeners, and does the scenario's setup.
func (r *run) setUp(ctx context.Context) error {
	for _, role := range roles() {
		h, err := newHost(ctx, role)
		if err != nil {
			return err
		}
		r.hosts[role] = h
		if err := r.prepare(ctx, h); err != nil {
			return fmt.Errorf("preparing the %s: %w", role, err)
		}
	}
	for i := range r.sc.Paths {
		if err := r.layPath(ctx, i); err != nil {
			return fmt.Errorf("path %d: %w", i+1, err)
		}
	}
	for i, e := range r.sc.Setup {
		if err := r.do(ctx, e); err != nil {
			return fmt.Errorf("setup %d: %w", i, err)
		}
	}
	return r.listen(ctx)
}

// prepare makes a new host's stack ready for several paths.
func (r *run) prepare(ctx context.Context, h *host) error {
	checksum := 0
	if r.sc.Checksum {
		checksum = 1
	}
	for _, s := range []string{
		"net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
		"net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0",
		fmt.Sprintf("net.mptcp.checksum_enabled=%d", checksum),
	} {
		if err := h.sysctl(s); err != nil {
			return err
		}
	}
	return h.ip(ctx, "mptcp limits set subflow 8 add_addr_accepted 8")
}

// layPath makes path i's devices, gives them addresses, and starts the emulation between them.
func (r *run) layPath(ctx context.Context, i int) error {
	p := r.sc.Paths[i]
	ends := map[string]device{}
	for _, role := range roles() {
		dev, err := r.hosts[role].tap(p.Name, p.Offload)
		if err != nil {
			return err
		}
		r.devices = append(r.devices, dev)
		ends[role] = plainDevice{dev}
		if p.Offload {
			ends[role] = offloadDevice{dev}
		}
	}
	r.links = append(r.links, r.newLink(i, ends["client"], ends["server"]))
	for _, role := range roles() {
		if err := r.hosts[role].configure(ctx, p, i); err != nil {
			return err
		}
	}
	return nil
}

// listen opens the server's ports and answers on them.
func (r *run) listen(ctx context.Context) error {
	open := map[int]bool{}
	for _, f := range r.sc.Flows {
		if open[f.Port] {
			continue
		}
		open[f.Port] = true
		l, err := r.hosts["server"].listen(ctx, f.Port, f.ServerTCP)
		if err != nil {
			return err
		}
		r.socks = append(r.socks, l)
		r.traffic.wg.Add(1)
		go r.traffic.serve(l)
	}
	return nil
}

// do carries out an event now.
func (r *run) do(ctx context.Context, e Event) error {
	switch {
	case e.IP != "":
		return r.hosts[e.Host].ip(ctx, e.IP)
	case e.Sysctl != "":
		return r.hosts[e.Host].sysctl(e.Sysctl)
	default:
		r.links[e.Path-1].down.Store(e.Do == "down")
		return nil
	}
}

// flow starts captures, traffic and events and waits until the flows are over, or their time is up.
// A flow that fails is part of the story and goes to the report; an event that fails is an error.
func (r *run) flow(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, ms(r.sc.TimeoutS*1000))
	defer cancel()
	now := r.watch.now()
	r.start.Store(int64(now))
	for _, c := range []*capture{r.client, r.server} {
		c.start(now, ms(r.sc.CaptureStartMs))
	}
	events := r.schedule(limited)
	r.traffic.run(limited, r.hosts["client"].within)
	cancel()
	if err := sleep(ctx, ms(r.sc.SettleMs)); err != nil {
		return err
	}
	return events()
}

// schedule does each event at its time. The function it returns waits for those under way and
// gives their errors; events later than the end of the traffic are not done.
func (r *run) schedule(ctx context.Context) func() error {
	var wg sync.WaitGroup
	errs := make([]error, len(r.sc.Events))
	for i, e := range r.sc.Events {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if sleep(ctx, ms(e.AtMs)) == nil {
				errs[i] = r.do(context.WithoutCancel(ctx), e)
			}
		}()
	}
	return func() error {
		wg.Wait()
		return errors.Join(errs...)
	}
}

// finish stops the paths and writes everything beside the captures.
func (r *run) finish() (*Report, error) {
	rep := &Report{Name: r.sc.Name, Story: r.sc.Story, Kernel: "Linux " + kernelVersion(), watch: r.watch, zero: r.client.zero}
	for _, role := range roles() {
		c, err := r.hosts[role].counters()
		if err != nil {
			return nil, err
		}
		rep.Counters.of(role, c)
		if err := os.WriteFile(filepath.Join(r.dir, role+".netstat"), []byte(c.String()), 0o644); err != nil {
			return nil, err
		}
	}
	if err := r.hush(); err != nil {
		return nil, err
	}
	r.still()
	if err := errors.Join(r.client.close(), r.server.close(), r.writeTruth()); err != nil {
		return nil, err
	}
	rep.App, rep.Failed = r.traffic.reports()
	rep.Captures.Client, rep.Captures.Server = r.client.tally.counts, r.server.tally.counts
	return rep, rep.write(r.dir)
}

func (r *run) writeTruth() error {
	f, err := os.Create(filepath.Join(r.dir, "truth.csv"))
	if err != nil {
		return err
	}
	return errors.Join(r.truth.write(f, r.watch), f.Close())
}

// still closes the devices and waits until nothing moves on the paths.
func (r *run) still() {
	for _, d := range r.devices {
		d.Close()
	}
	r.devices = nil
	for _, l := range r.links {
		l.wait()
	}
	r.links = nil
}

// hush ends what is left of the traffic; then nobody writes to the reports.
func (r *run) hush() error {
	var errs []error
	for _, s := range r.socks {
		errs = append(errs, s.Close())
	}
	r.socks = nil
	r.traffic.cut()
	r.traffic.wg.Wait()
	return errors.Join(errs...)
}

// tearDown undoes what a run left, however far it came.
func (r *run) tearDown() error {
	errs := []error{r.hush()}
	r.still()
	errs = append(errs, r.client.close(), r.server.close())
	for _, h := range r.hosts {
		errs = append(errs, h.remove())
	}
	return errors.Join(errs...)
}
