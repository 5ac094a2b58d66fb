package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"

func issueFields() []Field {
	text := func(name, doc string, of func(*trace.Issue) string) Field {
		return Field{Name: name, Type: Text, Doc: doc, Append: func(dst []byte, r *Record) []byte { return append(dst, of(r.Issue)...) }}
	}
	return []Field{originField(),
		unsigned("packetid", "", 32, "the packet it is about", func(r *Record) (uint64, bool) { return uint64(r.Issue.Packet), r.Issue.Packet > 0 }),
		unsigned("frame", "", 63, "the frame in the file", func(r *Record) (uint64, bool) { return r.Issue.Frame, r.Issue.Frame > 0 }),
		text("layer", "capture, link, ip, tcp or mptcp", func(i *trace.Issue) string { return i.Layer }),
		text("severity", "chat, warning or error", func(i *trace.Issue) string { return i.Severity.String() }),
		text("what", "what is odd", func(i *trace.Issue) string { return i.What }),
		text("section", "the section of the RFC that it rests on", func(i *trace.Issue) string { return i.Section }),
		number("count", 63, "", "how many of its kind there are", func(r *Record) uint64 { return r.Issue.Count }),
	}
}

func eachIssue(d *trace.Digest, r *Record, emit func(*Record) error) error {
	for i := range d.Issues {
		r.Issue = &d.Issues[i]
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}
