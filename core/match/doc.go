// Package match brings together two captures of the same traffic: it tells which streams and connections are the same,
// which packet here is which packet there, how far the two clocks are apart, and what follows: one-way delays, losses on
// the path, packets that a capture missed, reordering, and whether a reinjection helped.
//
//	p, err := match.Captures(ctx, a, b)    // pairs everything
//	clock := p.Clock(match.A, match.Given{}) // b's clock against a's, with its bounds
//	for _, f := range p.Flows { for _, h := range f.Hops { d := p.Delay(clock, &f, h) } }
//
// Streams are paired by what a NAT leaves alone: keys and tokens, initial sequence numbers, the range of sequence
// numbers and timestamps; addresses and ports only add to it. Packets are paired by content, never by address and not by
// time: sequence number, ack, length, flags, window, timestamps and IP identification; where a segment was cut or glued
// by segmentation offload, by the range of bytes. Payload is not looked at: bytes of the same number, with the same
// timestamps and identification, are the same segment, and a middlebox that changes payload changes none of them.
// Segments that are the same in all this are told apart by their order and their time.
//
// What two captures cannot tell is not told: of a delay to the server and a delay back only the sum is known, so a clock
// offset has an interval, from which the estimate takes the middle; see [Clock].
package match
