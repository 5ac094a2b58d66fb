// Package message is the Jupyter wire format: what a message is made of, how it is signed, and how it becomes the frames
// of a multipart ZeroMQ message and back. It is pure: bytes in, bytes out, no socket and no clock of its own beyond the
// date of a header.
//
// A Codec holds the connection's key. Decode turns received frames into a Message, or refuses them: wrong signature,
// a message seen before, or bytes that are no message. Encode signs what the kernel says. The header of a request is
// copied byte for byte into the parent header of every answer, so that fields which this kernel does not know survive.
package message

import (
	"encoding/json"
	"errors"
)

// Version is the version of the messaging protocol that is spoken here. It stays below 5.6, which would promise the
// start-up handshake of JEP 66.
const Version = "5.5"

// Delimiter stands between the routing frames and the signature.
const Delimiter = "<IDS|MSG>"

// What Decode refuses. A kernel logs them and goes on.
var (
	ErrMalformed = errors.New("not a Jupyter message")
	ErrSignature = errors.New("wrong signature")
	ErrReplayed  = errors.New("message was seen before")
)

// Header says what a message is and whose.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"` // ISO 8601 with zone
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	// Subshell is the subshell that a request is for (JEP 91); empty for the main shell. Answers do not have it.
	Subshell string `json:"subshell_id,omitempty"`
}

// Message is one received message. It shares memory with the frames that it was decoded from.
type Message struct {
	// Prefix are the routing frames before the delimiter; an answer to a REQ socket must repeat them.
	Prefix [][]byte
	Header Header
	// RawHeader is the header as it was received: the parent header of every answer.
	RawHeader json.RawMessage
	Parent    json.RawMessage
	Metadata  json.RawMessage
	Content   json.RawMessage
	Buffers   [][]byte
}

// Outgoing is a message to be sent.
type Outgoing struct {
	// Prefix are the routing frames: those of the request, or the topic of a publication.
	Prefix [][]byte
	Type   string
	// Parent is the RawHeader of the request that this belongs to; nil for none.
	Parent   json.RawMessage
	Metadata any // nil is an empty object
	Content  any // nil is an empty object
}
