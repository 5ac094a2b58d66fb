package socket

import "time"

// Limits of one socket. They hold per peer, before anything is known about it.
type Limits struct {
	Message   int64         // longest message, all frames together, in bytes
	Receiving int64         // bytes of long frames that all peers together may have half sent
	Queue     int64         // bytes that wait for a peer before it counts as slow
	Peers     int           // connections at a time
	Pending   int           // of these, such as have not finished the handshake; the oldest makes room
	Handshake time.Duration // a peer must introduce itself within this
	Stall     time.Duration // a peer that has begun a message, or is written to, must move within this
	Drain     int64         // bytes a second that a peer with a full queue must take, or it is let go
}

// limits are those of a kind of socket.
func limits(k Kind) Limits {
	l := Limits{
		Message:   256 << 20,
		Receiving: 512 << 20,
		Queue:     256 << 20,
		Peers:     512,
		Pending:   128,
		Handshake: 5 * time.Second,
		Stall:     30 * time.Second,
		Drain:     1 << 20,
	}
	switch k {
	case Publisher:
		l.Message = 4 << 10 // subscriptions
	case Echo:
		l.Message = 64 << 10
	}
	return l
}

const (
	maxFrames = 1 << 12 // frames in a message: a Jupyter message has six and its buffers
	maxTopics = 256     // subscriptions of one peer
)
