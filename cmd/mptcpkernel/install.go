package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/install"
)

// placeFlags say which installation is meant.
func placeFlags(f *pflag.FlagSet, s *settings) {
	f.BoolVar(&s.user, "user", false, "for this user only (the default)")
	f.BoolVar(&s.sysPrefix, "sys-prefix", false, "in the Python environment that is active")
	f.StringVar(&s.prefix, "prefix", "", "under this `PREFIX`, such as /usr/local")
	f.StringVar(&s.name, "name", install.Name, "`NAME` of the kernelspec ("+install.Name+")")
}

func installFlags(f *pflag.FlagSet, s *settings) {
	placeFlags(f, s)
	f.StringVar(&s.displayName, "display-name", install.DisplayName, "`TEXT` in Jupyter's menus ("+install.DisplayName+")")
	f.StringArrayVar(&s.env, "env", nil, "`NAME=VALUE` in the kernel's environment (repeatable)")
}

// data is the Jupyter data folder that the flags mean.
func (s *settings) data() (string, error) {
	switch {
	case s.prefix != "":
		return install.PrefixData(s.prefix), nil
	case s.sysPrefix:
		prefix, err := install.SysPrefix()
		if err != nil {
			return "", fmt.Errorf("finding the Python environment: %w", err)
		}
		return install.PrefixData(prefix), nil
	}
	return install.UserData()
}

// executable is where this program stands, links resolved.
func executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

func installKernel(s settings) error {
	data, err := s.data()
	if err != nil {
		return err
	}
	if data, err = filepath.Abs(data); err != nil {
		return err
	}
	self, err := executable()
	if err != nil {
		return err
	}
	files, err := assets()
	if err != nil {
		return err
	}
	dir, err := install.Install(install.Options{
		Data: data, Name: s.name, DisplayName: s.displayName, Env: s.env, Program: self, Assets: files,
	})
	if err != nil {
		return fmt.Errorf("installing: %w", err)
	}
	fmt.Fprintf(s.stdout, "installed kernelspec %s in %s\n", s.name, dir)
	return nil
}

func uninstallKernel(s settings) error {
	data, err := s.data()
	if err != nil {
		return err
	}
	dir, err := install.Uninstall(data, s.name)
	if err != nil {
		return fmt.Errorf("uninstalling: %w", err)
	}
	fmt.Fprintf(s.stdout, "removed %s\n", dir)
	return nil
}
