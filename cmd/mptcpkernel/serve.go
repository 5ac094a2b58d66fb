package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/home"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/install"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// chartsVariable says where charts come from, for those who cannot change the command line.
const chartsVariable = "MPTCPKERNEL_CHARTS"

func runFlags(f *pflag.FlagSet, s *settings) {
	f.StringVar(&s.name, "name", install.Name, "`NAME` of the kernelspec that this kernel was started from")
	f.StringVar(&s.charts, "charts", os.Getenv(chartsVariable),
		"`WHERE` interactive charts get their library: server, inline or static (default from "+chartsVariable+", else what the configuration says)")
}

// serve runs the kernel until a client, a signal or the loss of its parent ends it.
func serve(s settings) error {
	logger := log.New(s.stderr, "mptcpkernel: ", log.LstdFlags)
	files := &kernel.Files{}
	session, err := newSession(files, s, logger)
	if err != nil {
		return err
	}
	k, err := newKernel(session, files, s, logger)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer func() { signal.Stop(interrupts); close(interrupts) }()
	go func() {
		for range interrupts {
			k.Interrupt()
		}
	}()
	kernel.WhenOrphaned(ctx, k.Stop)
	err = k.Serve(ctx)
	if remark := session.Wait(); remark != nil {
		logger.Print(remark)
	}
	return err
}

// newSession is a session with the user's settings; what cannot be used of them is logged.
func newSession(files *kernel.Files, s settings, logger *log.Logger) (*core.Session, error) {
	options, warnings, err := home.Open(home.Choice{}, &files.Files)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		logger.Print("warning: " + w)
	}
	session := core.New(options)
	if s.charts == "" {
		return session, nil
	}
	return session, session.Settings().Set("charts", s.charts, "--charts or "+chartsVariable)
}

func newKernel(session *core.Session, files *kernel.Files, s settings, logger *log.Logger) (*kernel.Kernel, error) {
	connection, err := kernel.ReadConnection(s.words[0])
	if err != nil {
		return nil, err
	}
	codec, err := message.NewCodec(connection.Scheme, connection.Key)
	if err != nil {
		return nil, err
	}
	history, err := kernel.OpenHistory(filepath.Join(xdg.DataHome, "mptcpanalyzer", "notebook-history.jsonl"))
	if err != nil {
		logger.Print(err) // cells are remembered all the same, in memory
	}
	return kernel.New(kernel.Options{
		Transport: kernel.NewSockets(connection, logger),
		Codec:     codec,
		Session:   session,
		Beside:    func() kernel.Session { return session.Beside() },
		Renderer:  &kernel.Notebook{Charts: func() string { return session.Settings().Get("charts") }, Spec: s.name},
		Save:      files.Save,
		History:   history,
		Log:       logger,
	}), nil
}
