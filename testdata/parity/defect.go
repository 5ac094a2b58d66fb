package main

import "math/bits"

// defect is a set of the things that Wireshark 4.0 does to MPTCP which are not so. Each is one bit, and one place or
// two in the model.
type defect uint64

const (
	joinSwap defect = 1 << iota
	pasteHigh
	widthFromAck
	zeroBase
	keylessNumber
	implicitAtSegment
	lastFound
	keptEnd
	finAtZero
	finAsByte
	treeEdges
	treeOrder
	sameStart
	firstPassData
	optionOnly
	brokenOff
	firstKey
	needsSYN
	unanswered
	outerHeaders
	noChecksum
	noInfinite
	sharedToken
	sectionNames
	basePersists
	lateToken
	orphansApart
	changesPast
	keptOpen
	deafToAcks
	ownVersion
	scaleAnywhere
	countUnseen
	fastOpen
	anyLength
	unlisted
	narrowFraction
	shortHeader
	everyOption
	reassembly
	loneFragment
	shortSegment
	samePorts
	allDefects = 1<<iota - 1
)

// defects tells each one's name and what it does.
var defects = [...]struct {
	is         defect
	name, what string
}{
	{joinSwap, "join swap", "version 1: each sight of a JOIN SYN exchanges the directions of the subflow, so that the " +
		"second pass, or a retransmitted SYN, relates its numbers to the other end's initial number"},
	{pasteHigh, "32-bit paste", "a 32-bit number gets the upper half of the initial one, also after a wrap"},
	{widthFromAck, "width from ack", "the width of a mapping's number is taken from the flag of the data ack's width"},
	{zeroBase, "base 0", "without a key, a 64-bit number makes the initial one known, as 0"},
	{keylessNumber, "no key, number 0", "without a key, a SYN and the first ack get the initial number 0"},
	{implicitAtSegment, "implicit mapping", "the mapping of MP_CAPABLE with data starts at each segment that repeats it, " +
		"not at the first byte"},
	{lastFound, "last mapping found", "of several mappings that meet a segment the last one found maps it; if that one " +
		"does not cover its first byte, nothing does"},
	{keptEnd, "kept end", "a mapping that starts where another one does takes its place, but ends where that one did: a " +
		"DATA_FIN that lengthens it is not covered"},
	{finAtZero, "DATA_FIN at 0", "a DATA_FIN without payload, whose subflow sequence number is 0, maps the byte before the " +
		"first one: keep-alives get its number"},
	{finAsByte, "DATA_FIN as a byte", "the DATA_FIN that a mapping's length includes counts as a byte of the subflow, and " +
		"takes the place of the next mapping's first one"},
	{treeEdges, "tree edges", "rotations of the tree of mappings, or of data, leave it with wrong bounds, so that some are " +
		"not found"},
	{treeOrder, "tree order", "lists of frames stand in the order of a tree's nodes"},
	{sameStart, "same start", "of the frames of a subflow whose data starts at the same number only the last is kept"},
	{firstPassData, "mapping comes later", "data whose mapping was not known when it came is not looked for elsewhere"},
	{optionOnly, "no option, no analysis", "segments without an MPTCP option are not analysed"},
	{brokenOff, "broken off", "an option that is cut by the capture, or too short for its subtype, ends the dissection " +
		"of the segment, and the flags of TCP's analysis are not shown"},
	{firstKey, "first key", "the token shown is that of the first key seen, whatever key the packet shows"},
	{needsSYN, "needs the SYN", "without the SYN of a direction, no mapping is looked up"},
	{unanswered, "no number", "a connection of version 1 whose MP_CAPABLE was not answered has no number"},
	{outerHeaders, "outer headers", "the addresses of a tunnel's headers stand before those of the segment"},
	{noChecksum, "no DSS checksum", "the checksum of a DSS is not shown, unless two more bytes follow it"},
	{noInfinite, "infinite mapping", "an infinite mapping (length 0) maps nothing"},
	{sharedToken, "shared token", "a connection whose key another one had before is taken for that one"},
	{sectionNames, "section's interface", "an interface of a later pcapng section is named as that of the same number in the " +
		"first"},
	{basePersists, "base persists", "the second pass begins with the base sequence numbers that the first one ended with, so " +
		"that the first of several SYN/ACKs with other numbers counts as reused ports too"},
	{lateToken, "late token", "a key or token that shows when the stream has a connection already, neither of whose tokens " +
		"is known, is not taken: an assertion fails"},
	{orphansApart, "orphans apart", "joins captured before the key that they name stay a connection of their own"},
	{changesPast, "changes the past", "a mapping that contradicts one that starts where it does also maps what came before it"},
	{keptOpen, "key of MP_FASTCLOSE", "the receiver's key in MP_FASTCLOSE is not taken, though no other packet tells it"},
	{deafToAcks, "deaf to acks", "without a key, 64-bit data acks do not tell the upper half of the 32-bit numbers that they ack"},
	{ownVersion, "version of each option", "a key is hashed as the version of the first option with it wants, also where the SYN/ACK " +
		"settled on another one"},
	{scaleAnywhere, "scale anywhere", "a window scale counts on a packet that is no SYN, too"},
	{countUnseen, "ack of the unseen", "an ack of data that was not captured counts as many duplicate acks: what is sent again at that " +
		"number within 20 ms is a fast retransmission"},
	{fastOpen, "data of the SYN", "data that a SYN carried, and that was taken, has the initial number, and counts in subflow sequence " +
		"numbers"},
	{anyLength, "any length", "the fields of an option are shown, and count, though no variant of it has its length"},
	{unlisted, "unlisted subflow", "a stream whose handshake comes behind other MPTCP options, or not at all, is not among the " +
		"subflows of its connection, where reinjected data is looked for"},
	{narrowFraction, "narrow fraction", "where a pcapng file's clock is finer than nanoseconds, the fraction of a second is computed in " +
		"64 bits, which do not hold it; a packet that has no time has 0"},
	{shortHeader, "short header", "of a segment whose header claims less than 20 bytes neither flags, ack and window are shown nor what " +
		"the analysis found, and bytes of the header count as payload"},
	{everyOption, "every option", "of an option that stands in a packet more than once each is shown, also those that do not count"},
	{reassembly, "reassembly", "a segment in several IP fragments is shown at the frame that completes it, with all of its payload, and not at " +
		"all if that was not captured"},
	{loneFragment, "lone fragment", "where a segment's first IP fragment is shown alone, as the capture cut it, its numbers are raw, its window is not " +
		"scaled, and it has no payload"},
	{shortSegment, "short segment", "of a segment that ends within its own header the numbers are raw, the window is not scaled, and there is no " +
		"length"},
	{samePorts, "same ports", "a connection whose SYN was not captured is taken for the one before between the same ports"},
}

// each calls f for every defect of the set.
func (d defect) each(f func(i int)) {
	for ; d != 0; d &= d - 1 {
		f(bits.TrailingZeros64(uint64(d)))
	}
}
