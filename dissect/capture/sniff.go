package capture

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// headLen is how many first bytes are looked at to tell what a file is that is no capture.
const headLen = 64

// sniff recognises the format from the file's first bytes and opens a decoder.
func (p *parser) sniff(b []byte) (n, want int, err error) {
	if len(b) < magicLen {
		return 0, magicLen, nil
	}
	if k, ok := pcapMagic(b); ok {
		if len(b) < k.header {
			return 0, k.header, nil
		}
		return k.header, 0, k.open(p, b)
	}
	if bytes.Equal(b[:4], []byte(sectionMagic)) {
		if len(b) < sectionHead {
			return 0, sectionHead, nil
		}
		if _, ok := sectionOrder(b); ok {
			p.format = "pcapng"
			p.dec = &pcapng{}
			return 0, 0, nil
		}
	}
	if len(b) < headLen {
		return 0, headLen, nil
	}
	return 0, 0, p.refuse(NotCapture, looksLike(b[:headLen]), b)
}

// tooShort judges a file that ended before its format was opened.
func (p *parser) tooShort(b []byte) error {
	if len(b) == 0 {
		return p.refuse(Empty, "", nil)
	}
	if k, ok := pcapPrefix(b); ok {
		return p.refuse(TooShort, k, b)
	}
	return p.refuse(NotCapture, looksLike(b), b)
}

// pcapPrefix tells whether b may be the start of a capture, perhaps of a compressed one.
func pcapPrefix(b []byte) (string, bool) {
	if len(b) >= magicLen {
		k, ok := pcapMagic(b)
		if !ok && len(b) < sectionHead && bytes.HasPrefix(b, []byte(sectionMagic)) {
			return "pcapng", true
		}
		return k.name, ok
	}
	starts := []string{sectionMagic,
		"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d",
		"\x34\xcd\xb2\xa1", "\xa1\xb2\xcd\x34", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd"}
	for _, s := range starts {
		if len(b) >= 2 && s[:len(b)] == string(b) {
			return "capture", true
		}
	}
	return "", false
}

// refuse makes the error; b is the start of the file.
func (p *parser) refuse(why Problem, looks string, b []byte) error {
	return &FormatError{
		Problem: why,
		Looks:   looks,
		Head:    bytes.Clone(b[:min(len(b), headLen)]),
		Inside:  p.inside,
	}
}

// looksLike names what people hand in by mistake, and captures of formats that are not read; "" if it is anything.
func looksLike(b []byte) string {
	for _, s := range []struct{ magic, name string }{
		{"snoop\x00\x00\x00", "a Solaris snoop capture (editcap -F pcapng converts it)"},
		{"GMBU", "a Network Monitor capture (editcap -F pcapng converts it)"},
		{"RTSS", "a Network Monitor 1 capture (editcap -F pcapng converts it)"},
		{"TRSNIFF data    \x1a", "a Sniffer capture (editcap -F pcapng converts it)"},
		{"XCP\x00", "a NetXRay capture (editcap -F pcapng converts it)"},
		{"btsnoop\x00", "a Bluetooth btsnoop capture"},
		{"PK\x03\x04", "a ZIP archive: unpack it first"},
		{"PK\x05\x06", "an empty ZIP archive"},
		{"Rar!\x1a\x07", "a RAR archive: unpack it first"},
		{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"},
		{"\xfd7zXZ\x00", "an xz file: unpack it first"},
		{"BZh", "a bzip2 file: unpack it first"},
		{"\x04\x22\x4d\x18", "an lz4 file: unpack it first"},
		{"\x1f\x8b", "a gzip file within a compressed file"},
		{"\x28\xb5\x2f\xfd", "a zstd file within a compressed file"},
		{"\x1f\x9d", "a compress(1) file: unpack it first"},
		{"\x7fELF", "a program (ELF)"},
		{"MZ", "a program (Windows)"},
		{"%PDF", "a PDF document"},
		{"\x89PNG\r\n", "a PNG picture"},
		{"\xff\xd8\xff", "a JPEG picture"},
		{"SQLite format 3\x00", "an SQLite database"},
		{"PAR1", "a Parquet file"},
		{"ARROW1", "an Arrow file"},
		{sectionMagic, "pcapng, but without a byte-order magic number: a transfer as text may have spoilt it"},
		{"\x0a\x0d\x0a", "pcapng spoilt by a transfer as text"},
	} {
		if bytes.HasPrefix(b, []byte(s.magic)) {
			return s.name
		}
	}
	if len(bytes.Trim(b, "\x00")) == 0 {
		return "zeros: a preallocated or sparse file"
	}
	return text(b)
}

// text tells kinds of text apart, "" for binary.
func text(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for i := 0; i < len(b); {
		if i > 0 && !utf8.FullRune(b[i:]) {
			break // cut where the head ends
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' {
			return ""
		}
		i += n
	}
	lower := bytes.ToLower(bytes.TrimSpace(b))
	switch {
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return "HTML: a download may have fetched a page in place of the file"
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return "XML"
	case bytes.HasPrefix(lower, []byte("version https://git-lfs")):
		return "a Git LFS pointer: fetch the file itself (git lfs pull)"
	case bytes.HasPrefix(lower, []byte("{")), bytes.HasPrefix(lower, []byte("[")):
		return "JSON"
	case bytes.HasPrefix(lower, []byte("#!")):
		return "a script"
	}
	return "text"
}

func version(major, minor uint16) string {
	return strconv.Itoa(int(major)) + "." + strconv.Itoa(int(minor))
}
