package message

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os/user"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofrs/uuid/v5"
)

// Codec signs and checks the messages of one kernel. It is safe for use by several goroutines.
type Codec struct {
	hash     func() hash.Hash // nil: nothing is signed
	key      []byte
	session  string
	username string
	count    atomic.Uint64
	seen     seen
	now      func() time.Time
}

// NewCodec makes the codec for a connection file's signature_scheme and key. An empty key means that nothing is signed
// or checked. Only the hmac-sha2 schemes are known.
func NewCodec(scheme, key string) (*Codec, error) {
	id, err := uuid.NewV4()
	if err != nil {
		return nil, fmt.Errorf("making a session id: %w", err)
	}
	c := &Codec{key: []byte(key), session: id.String(), username: username(), now: time.Now}
	if key == "" {
		return c, nil
	}
	switch scheme {
	case "hmac-sha256", "":
		c.hash = sha256.New
	case "hmac-sha384":
		c.hash = sha512.New384
	case "hmac-sha512":
		c.hash = sha512.New
	default:
		return nil, fmt.Errorf("unknown signature_scheme %q: hmac-sha256 is supported", scheme)
	}
	return c, nil
}

func username() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "kernel"
}

// Session is the identity of this kernel process in its headers.
func (c *Codec) Session() string { return c.session }

// Decode checks frames and takes them apart. The error is, or wraps, ErrMalformed, ErrSignature or ErrReplayed; it never
// quotes the frames.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := delimiter(frames)
	if at < 0 {
		return nil, fmt.Errorf("%w: no delimiter in %d frames", ErrMalformed, len(frames))
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("%w: %d frames after the delimiter", ErrMalformed, len(rest))
	}
	signature, parts := rest[0], rest[1:5]
	if err := c.check(signature, parts); err != nil {
		return nil, err
	}
	m := &Message{
		Prefix: frames[:at], RawHeader: parts[0], Parent: parts[1], Metadata: parts[2], Content: parts[3], Buffers: rest[5:],
	}
	for i, name := range [...]string{"header", "parent header", "metadata", "content"} {
		if !isObject(parts[i]) {
			return nil, fmt.Errorf("%w: %s is no JSON object", ErrMalformed, name)
		}
	}
	if err := json.Unmarshal(m.RawHeader, &m.Header); err != nil {
		return nil, fmt.Errorf("%w: reading the header", ErrMalformed)
	}
	if m.Header.ID == "" || m.Header.Type == "" {
		return nil, fmt.Errorf("%w: header without msg_id or msg_type", ErrMalformed)
	}
	return m, nil
}

func delimiter(frames [][]byte) int {
	for i, f := range frames {
		if string(f) == Delimiter {
			return i
		}
	}
	return -1
}

func isObject(b []byte) bool {
	t := bytes.TrimLeft(b, " \t\r\n")
	return len(t) > 0 && t[0] == '{' && json.Valid(b)
}

// check compares the signature in constant time, then asks whether it was accepted before: a signature belongs to one
// message, so a second one is a copy of it.
func (c *Codec) check(signature []byte, parts [][]byte) error {
	if c.hash == nil {
		return nil
	}
	if !hmac.Equal(signature, c.sign(parts)) {
		return ErrSignature
	}
	if !c.seen.add(string(signature)) {
		return ErrReplayed
	}
	return nil
}

// sign gives the hexadecimal signature over the four parts, empty without a key.
func (c *Codec) sign(parts [][]byte) []byte {
	if c.hash == nil {
		return nil
	}
	mac := hmac.New(c.hash, c.key)
	for _, p := range parts {
		mac.Write(p) // never fails
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Encode builds and signs the frames of a message. It fails only for content that JSON cannot hold.
func (c *Codec) Encode(o Outgoing) ([][]byte, error) {
	frames, _, err := c.EncodeID(o)
	return frames, err
}

// EncodeID is Encode, and gives the msg_id of the message too.
func (c *Codec) EncodeID(o Outgoing) ([][]byte, string, error) {
	h := Header{
		ID:       c.session + "_" + strconv.FormatUint(c.count.Add(1), 10),
		Session:  c.session,
		Username: c.username,
		Date:     c.now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		Type:     o.Type,
		Version:  Version,
	}
	header, err := json.Marshal(h)
	if err != nil {
		return nil, "", fmt.Errorf("writing the header: %w", err)
	}
	metadata, err := object(o.Metadata)
	if err != nil {
		return nil, "", fmt.Errorf("writing the metadata of %s: %w", o.Type, err)
	}
	content, err := object(o.Content)
	if err != nil {
		return nil, "", fmt.Errorf("writing the content of %s: %w", o.Type, err)
	}
	parent := []byte(o.Parent)
	if len(parent) == 0 {
		parent = []byte("{}")
	}
	parts := [][]byte{header, parent, metadata, content}
	frames := make([][]byte, 0, len(o.Prefix)+6)
	frames = append(frames, o.Prefix...)
	frames = append(frames, []byte(Delimiter), c.sign(parts))
	return append(frames, parts...), h.ID, nil
}

// object is v as JSON. HTML is left readable: a notebook file is read by people, and the bundle's own parts take care of
// what a page must not see.
func object(v any) ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
