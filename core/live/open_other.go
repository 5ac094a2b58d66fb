//go:build !linux

package live

import (
	"errors"
	"io"
)

// Open says that this system is not Linux.
func (Machine) Open(name string) (io.ReadCloser, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	return nil, errors.New("capturing from an interface is done on Linux only; elsewhere: tcpdump -w - | mptcpanalyzer --load -")
}
