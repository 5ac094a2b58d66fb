package kernel

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// cursorRequest is the content of complete and inspect requests. The cursor counts code points; absent, it is the end.
type cursorRequest struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"`
}

func (r *request) content(v any) error {
	if err := json.Unmarshal(r.Content, v); err != nil {
		return fmt.Errorf("reading the content: %w", err)
	}
	return nil
}

// byteOffset is where a code point begins in text; past the end is the end.
func byteOffset(text string, points int) int {
	at := 0
	for ; points > 0 && at < len(text); points-- {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return at
}

func (c *cursorRequest) offset() int {
	if c.Cursor == nil {
		return len(c.Code)
	}
	return byteOffset(c.Code, *c.Cursor)
}

// points is the number of code points before a byte offset.
func points(text string, offset int) int {
	return utf8.RuneCountInString(text[:max(0, min(offset, len(text)))])
}

func (k *Kernel) complete(r *request) error {
	var c cursorRequest
	if err := r.content(&c); err != nil {
		return err
	}
	found := r.shell.session.Complete(c.Code, c.offset())
	start, end := points(c.Code, found.Start), points(c.Code, found.End)
	matches := make([]string, 0, len(found.Items))
	types := make([]map[string]any, 0, len(found.Items))
	for _, item := range found.Items {
		matches = append(matches, item.Text)
		types = append(types, map[string]any{
			"start": start, "end": end, "text": item.Text, "type": item.Type, "signature": item.Doc,
		})
	}
	k.reply(r, "complete_reply", map[string]any{
		"status": "ok", "matches": matches, "cursor_start": start, "cursor_end": end,
		"metadata": map[string]any{"_jupyter_types_experimental": types},
	})
	return nil
}

func (k *Kernel) inspect(r *request) error {
	var c cursorRequest
	if err := r.content(&c); err != nil {
		return err
	}
	data := &Bundle{Data: map[string]any{}}
	page, found := r.shell.session.Inspect(c.Code, c.offset())
	if found {
		data = pageBundle(k.renderer, page)
	}
	k.reply(r, "inspect_reply", map[string]any{"status": "ok", "found": found, "data": data.Data, "metadata": data.meta()})
	return nil
}

func (k *Kernel) isComplete(r *request) error {
	var c struct{ Code string }
	if err := r.content(&c); err != nil {
		return err
	}
	answer := map[string]any{"status": "unknown"}
	switch r.shell.session.Check(c.Code) {
	case core.Complete:
		answer["status"] = "complete"
	case core.Incomplete:
		answer["status"], answer["indent"] = "incomplete", ""
	case core.Invalid:
		answer["status"] = "invalid"
	}
	k.reply(r, "is_complete_reply", answer)
	return nil
}

// Implementation is the name of the kernel, its language and its kernelspec.
const Implementation = "mptcpanalyzer"

func (k *Kernel) kernelInfo(r *request) error {
	version := core.Version()
	link := func(text, url string) map[string]any { return map[string]any{"text": text, "url": url} }
	k.reply(r, "kernel_info_reply", map[string]any{
		"status":                 "ok",
		"protocol_version":       message.Version,
		"implementation":         Implementation,
		"implementation_version": version,
		"banner":                 "mptcpanalyzer " + version + ": what a Multipath TCP connection did\nhelp lists the commands, Shift-Tab explains one",
		"debugger":               false,
		"supported_features":     k.features(),
		"help_links": []any{
			link("mptcpanalyzer", "https://github.com/mptcpanalyzer/mptcpanalyzer"),
			link("RFC 8684: TCP Extensions for Multipath Operation", "https://www.rfc-editor.org/rfc/rfc8684"),
			link("Multipath TCP for Linux", "https://www.mptcp.dev"),
		},
		// The language has no highlighter of its own anywhere; a shell's knows its comments and quotes.
		"language_info": map[string]any{
			"name":               Implementation,
			"version":            version,
			"mimetype":           "text/x-mptcpanalyzer",
			"file_extension":     ".mptcp",
			"pygments_lexer":     "bash",
			"codemirror_mode":    "shell",
			"nbconvert_exporter": "script",
		},
	})
	return nil
}

// commInfo says that there are no comms.
func (k *Kernel) commInfo(r *request) error {
	k.reply(r, "comm_info_reply", map[string]any{"status": "ok", "comms": map[string]any{}})
	return nil
}

// commOpen closes at once what a client opens: no target is known.
func (k *Kernel) commOpen(r *request) error {
	var c struct {
		ID string `json:"comm_id"`
	}
	if err := r.content(&c); err != nil {
		return err
	}
	k.publish(r.RawHeader, "comm_close", map[string]any{"comm_id": c.ID, "data": map[string]any{}})
	return nil
}

func (k *Kernel) interrupt(r *request) error {
	k.Interrupt()
	k.reply(r, "interrupt_reply", map[string]any{"status": "ok"})
	return nil
}

// shutdown answers the one who asked and tells all others, then ends Serve.
func (k *Kernel) shutdown(r *request) error {
	var c struct{ Restart bool }
	if err := r.content(&c); err != nil {
		return err
	}
	content := map[string]any{"status": "ok", "restart": c.Restart}
	k.reply(r, "shutdown_reply", content)
	k.publish(r.RawHeader, "shutdown_reply", content)
	k.Stop()
	return nil
}
