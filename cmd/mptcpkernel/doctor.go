package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/install"
)

func doctorFlags(f *pflag.FlagSet, s *settings) {
	placeFlags(f, s)
	f.Lookup("user").Usage = "look only at this user's installation (the default: wherever Jupyter looks)"
}

// examine prints what was found, problems with their cure.
func examine(s settings) error {
	files, err := assets()
	if err != nil {
		return err
	}
	health := install.Health{Name: s.name, Version: core.Version(), Assets: files}
	if s.user || s.sysPrefix || s.prefix != "" {
		if health.Data, err = s.data(); err != nil {
			return err
		}
	}
	ill := false
	for _, f := range install.Examine(health) {
		if f.Problem == "" {
			fmt.Fprintf(s.stdout, "ok       %s\n", f.What)
			continue
		}
		ill = true
		fmt.Fprintf(s.stdout, "PROBLEM  %s: %s\n         cure: %s\n", f.What, f.Problem, f.Cure)
	}
	if ill {
		return errors.New("not all is well")
	}
	return nil
}
