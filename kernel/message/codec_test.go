package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func newCodec(t testing.TB, scheme, key string) *Codec {
	t.Helper()
	c, err := NewCodec(scheme, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t testing.TB, c *Codec, o Outgoing) [][]byte {
	t.Helper()
	frames, err := c.Encode(o)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

func TestRoundTrip(t *testing.T) {
	for _, scheme := range []string{"hmac-sha256", "hmac-sha384", "hmac-sha512", ""} {
		a, b := newCodec(t, scheme, "secret"), newCodec(t, scheme, "secret")
		frames := encode(t, a, Outgoing{
			Prefix: [][]byte{[]byte("id"), {}}, Type: "execute_request", Content: map[string]any{"code": "lc <é𨭎>"},
		})
		m, err := b.Decode(append(frames, []byte("buffer")))
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if m.Header.Type != "execute_request" || m.Header.Version != Version || m.Header.Session != a.Session() {
			t.Errorf("%s: header %+v", scheme, m.Header)
		}
		if len(m.Prefix) != 2 || string(m.Prefix[0]) != "id" {
			t.Errorf("%s: prefix %q", scheme, m.Prefix)
		}
		if got := string(m.Content); got != `{"code":"lc <é𨭎>"}` {
			t.Errorf("%s: content %s", scheme, got)
		}
		if len(m.Buffers) != 1 || string(m.Buffers[0]) != "buffer" {
			t.Errorf("%s: buffers %q", scheme, m.Buffers)
		}
	}
}

// The signature of a known message, computed with Python's hmac module.
func TestKnownSignature(t *testing.T) {
	c := newCodec(t, "hmac-sha256", "a0436f6c-1916-498b-8eb9-e81ab9368e84")
	got := string(c.sign([][]byte{[]byte(`{"msg_id":"1"}`), []byte("{}"), []byte("{}"), []byte(`{"code":"lc"}`)}))
	if want := "5b086490a294a0ff000e4c1fe770404a71c0e1ad5072ce42f125c2b78364a7e1"; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestParentHeaderIsCopiedVerbatim(t *testing.T) {
	c := newCodec(t, "", "k")
	raw := json.RawMessage(`{"subshell_id" : "s1",  "msg_type":"x","msg_id":"7"}`)
	frames := encode(t, c, Outgoing{Type: "status", Parent: raw})
	if !bytes.Equal(frames[3], raw) {
		t.Errorf("parent header %s, want %s", frames[3], raw)
	}
}

func TestDateHasZone(t *testing.T) {
	c := newCodec(t, "", "")
	c.now = func() time.Time { return time.Unix(1, 5000).In(time.FixedZone("east", 3600)) }
	m, err := c.Decode(encode(t, c, Outgoing{Type: "status"}))
	if err != nil || m.Header.Date != "1970-01-01T00:00:01.000005Z" {
		t.Errorf("date %q, %v", m.Header.Date, err)
	}
}

func TestRefusals(t *testing.T) {
	key := "secret"
	good := func() [][]byte {
		return encode(t, newCodec(t, "", key), Outgoing{Type: "kernel_info_request"})
	}
	resign := func(parts ...string) [][]byte {
		c := newCodec(t, "", key)
		raw := make([][]byte, len(parts))
		for i, p := range parts {
			raw[i] = []byte(p)
		}
		return append([][]byte{[]byte(Delimiter), c.sign(raw)}, raw...)
	}
	header := `{"msg_id":"1","msg_type":"x"}`
	for _, tc := range []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"nothing", nil, ErrMalformed},
		{"junk", [][]byte{[]byte("junk")}, ErrMalformed},
		{"delimiter only", [][]byte{[]byte(Delimiter)}, ErrMalformed},
		{"cut", good()[:5], ErrMalformed},
		{"unsigned", func() [][]byte { f := good(); f[1] = nil; return f }(), ErrSignature},
		{"other key", encode(t, newCodec(t, "", "wrong"), Outgoing{Type: "x"}), ErrSignature},
		{"changed content", func() [][]byte { f := good(); f[5] = []byte(`{"a":1}`); return f }(), ErrSignature},
		{"swapped frames", func() [][]byte { f := good(); f[2], f[3] = f[3], f[2]; return f }(), ErrSignature},
		{"header is a list", resign("[]", "{}", "{}", "{}"), ErrMalformed},
		{"header is broken", resign("{", "{}", "{}", "{}"), ErrMalformed},
		{"header of wrong types", resign(`{"msg_id":1,"msg_type":"x"}`, "{}", "{}", "{}"), ErrMalformed},
		{"header without type", resign(`{"msg_id":"1"}`, "{}", "{}", "{}"), ErrMalformed},
		{"content is text", resign(header, "{}", "{}", `"x"`), ErrMalformed},
		{"deep content", resign(header, "{}", "{}", `{"a":`+strings.Repeat("[", 1<<20)+`}`), ErrMalformed},
	} {
		if _, err := newCodec(t, "", key).Decode(tc.frames); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		} else if strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error shows the key", tc.name)
		}
	}
}

func TestReplayIsRefused(t *testing.T) {
	c := newCodec(t, "", "k")
	frames := encode(t, c, Outgoing{Type: "x"})
	if _, err := c.Decode(frames); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); !errors.Is(err, ErrReplayed) {
		t.Errorf("second time: %v", err)
	}
}

func TestReplayMemoryIsBounded(t *testing.T) {
	var s seen
	for i := range 3 * remembered {
		if !s.add(fmt.Sprint(i)) {
			t.Fatalf("%d is new", i)
		}
	}
	if n := len(s.new) + len(s.old); n > remembered {
		t.Errorf("%d signatures kept, at most %d wanted", n, remembered)
	}
	if s.add(fmt.Sprint(3*remembered - remembered/2)) {
		t.Error("a recent signature was forgotten")
	}
}

func TestWithoutKeyNothingIsSigned(t *testing.T) {
	c := newCodec(t, "hmac-sha256", "")
	frames := encode(t, c, Outgoing{Type: "x"})
	if len(frames[1]) != 0 {
		t.Errorf("signature %q", frames[1])
	}
	for range 2 { // a copy cannot be told apart without a signature
		if _, err := c.Decode(frames); err != nil {
			t.Error(err)
		}
	}
}

func TestUnknownScheme(t *testing.T) {
	if _, err := NewCodec("hmac-md4", "k"); err == nil {
		t.Error("hmac-md4 was taken")
	}
}

func FuzzDecode(f *testing.F) {
	c := newCodec(f, "", "")
	for _, m := range []string{"x", "execute_request"} {
		f.Add(bytes.Join(encode(f, c, Outgoing{Prefix: [][]byte{{1}}, Type: m}), []byte{0}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := c.Decode(bytes.Split(b, []byte{0}))
		if err == nil && (m.Header.ID == "" || m.Header.Type == "") {
			t.Error("a message without name was accepted")
		}
	})
}
