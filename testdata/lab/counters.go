package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// counter is one of the kernel's counters.
type counter struct {
	name  string
	value string
}

// counters keeps the kernel's order.
type counters []counter

// parseCounters takes the counters that are not zero from text in the form of /proc/net/netstat:
// two lines that begin with the prefix, names, then values. only restricts them to one name.
func parseCounters(text, prefix, only string) counters {
	var names []string
	var out counters
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != prefix {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		for i := 1; i < len(f) && i < len(names); i++ {
			if f[i] != "0" && (only == "" || names[i] == only) {
				out = append(out, counter{name: names[i], value: f[i]})
			}
		}
	}
	return out
}

// String writes one "name value" a line.
func (c counters) String() string {
	var b strings.Builder
	for _, v := range c {
		fmt.Fprintln(&b, v.name, v.value)
	}
	return b.String()
}

// MarshalJSON writes an object in the kernel's order.
func (c counters) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, v := range c {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "%q:%s", v.name, v.value)
	}
	return append(b, '}'), nil
}

// shortVersion keeps major and minor of a kernel's release: the rest names a machine, not a stack.
func shortVersion(release string) string {
	f := strings.SplitN(release, ".", 3)
	if len(f) < 2 {
		return release
	}
	return f[0] + "." + f[1]
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *counters) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var name string
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch v := t.(type) {
		case string:
			name = v
		case json.Number:
			*c = append(*c, counter{name: name, value: v.String()})
		}
	}
}
