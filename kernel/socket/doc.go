// Package socket is the kernel's end of Jupyter's five ZeroMQ sockets. It is the only package that knows ZeroMQ.
//
// Each socket accepts its own connections, gives each peer two goroutines, and leaves the greeting, the handshake and the
// reading of messages to zmq4 (zmq4.Open and Conn). What zmq4's own sockets lack is done here: a peer that is silent,
// lies about a length, sends half a message or stops reading costs its own connection and nothing else.
//
//   - The handshake has a deadline and runs beside the accept loop.
//   - A framer below zmq4 follows the framing of ZMTP, refuses what is too long, and lets zmq4 allocate only for bytes that
//     have arrived. It answers PING itself and keeps commands from the application.
//   - All that is written to a peer goes through its bounded queue and one writer, so messages never mix.
//   - A reply goes to the Peer that asked, not to whoever has the same identity.
//   - Close sends what is queued before it ends.
//
// It refuses to encrypt (ZMTP's NULL mechanism only) and to listen anywhere but where it is told. As a client it can do
// one thing, Ask, for those who examine a kernel.
package socket
