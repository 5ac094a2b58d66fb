// Package live captures from the network interfaces of this machine, for native programs on Linux; elsewhere Open says so.
//
//	options.Live = live.Machine{}
//
// What it gives are the bytes of a pcap file with nanoseconds, which package trace reads as any other. Packets that come
// while nobody reads are dropped by the kernel, not by us. Capturing needs the right CAP_NET_RAW.
package live

import (
	"fmt"
	"net"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// Machine is this machine's interfaces.
type Machine struct{}

// Interfaces lists them, with their addresses.
func (Machine) Interfaces() ([]core.NetworkInterface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing the interfaces: %w", err)
	}
	var list []core.NetworkInterface
	for _, i := range found {
		made := core.NetworkInterface{Name: i.Name, Up: i.Flags&net.FlagUp != 0}
		addresses, _ := i.Addrs() // an interface without addresses is one all the same
		for _, a := range addresses {
			made.Addresses = append(made.Addresses, a.String())
		}
		list = append(list, made)
	}
	return list, nil
}

// check says whether there is an interface of that name.
func check(name string) error {
	if _, err := net.InterfaceByName(name); err == nil {
		return nil
	}
	var names []string
	if list, err := net.Interfaces(); err == nil {
		for _, i := range list {
			names = append(names, i.Name)
		}
	}
	return fmt.Errorf("there is no interface %q (there are %s)", name, strings.Join(names, ", "))
}
