package kernel

import "time"

// Channel is one of the channels on which clients speak.
type Channel uint8

// Channels of requests. Publications and heartbeats are the transport's own.
const (
	Shell Channel = iota
	Control
	Stdin
)

// Peer is a client's end of a channel.
type Peer interface {
	// Send queues a message for the client.
	Send(frames [][]byte) error
	// Identity is what the client calls itself, the same on shell and stdin; empty if it does not.
	Identity() string
}

// Receiver takes what clients send. Its methods are called from many goroutines and return soon.
type Receiver interface {
	Receive(c Channel, p Peer, frames [][]byte)
	// Subscribed says that a client has begun to listen to publications of a topic.
	Subscribed(p Peer, topic string)
}

// Transport carries frames between the kernel and its clients.
type Transport interface {
	// Start begins to deliver.
	Start(r Receiver) error
	// Publish queues a message for every client that listens to the topic, its first frame.
	Publish(frames [][]byte)
	// Stdin is the end of the stdin channel of the client with that identity, or nil.
	Stdin(identity string) Peer
	// Close delivers what is queued, for at most linger, and ends.
	Close(linger time.Duration) error
}
