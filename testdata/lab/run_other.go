//go:build !linux

package main

import (
	"context"
	"errors"
	"net"
)

// errLinux is what every run says elsewhere.
var errLinux = errors.New("the lab runs scenarios on the Linux kernel's MPTCP stack: it needs Linux, and root")

func perform(context.Context, *Scenario, string) (*Report, error) { return nil, errLinux }

func kernelView(*net.TCPConn) (bool, *MPTCPInfo) { return false, nil }
