package kernel

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
)

// Files is how a notebook reaches the disk: paths are relative to its folder, where Jupyter starts the kernel. No answer
// is written over a capture that was opened.
type Files struct{ disk.Files }

// Save writes a file of an answer, whole or not at all.
func (f *Files) Save(d *display.File) error {
	return f.Files.Save(d.Name, func(w io.Writer) error { return file.Write(w, d) })
}

// link is a relative path as an address, which a colon in it does not make another scheme.
func link(name string) string {
	var parts []string
	for _, p := range strings.Split(filepath.ToSlash(filepath.Clean(name)), "/") {
		parts = append(parts, url.PathEscape(p))
	}
	if strings.Contains(parts[0], ":") {
		parts = append([]string{"."}, parts...)
	}
	return strings.Join(parts, "/")
}
