// Package dissect is documentation only: how the bytes of a capture become streams, connections and rows.
//
// # The pipeline
//
//  1. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture] takes bytes by chunks and hands out frames: bytes, time,
//     interface, link type. It knows files, no protocol.
//  2. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet] decodes a frame into one packet.Packet, in place: link
//     layer, tunnels, IP, TCP. What is no TCP segment is counted by its kind and gone.
//  3. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp] turns the bytes of TCP option 30 into values, keys into
//     tokens and initial numbers, and checks HMACs and checksums. It has no state.
//  4. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream] finds the TCP stream of a segment, its direction, what its
//     numbers are relative to, and Wireshark's TCP analysis flags.
//  5. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn] finds the MPTCP connection of a stream, widens 32-bit
//     numbers, maps every payload byte to its data sequence number, tells reinjections from retransmissions.
//  6. [github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace] keeps of each row what puts it together again, and
//     knows its columns: trace.Load makes a Trace, trace.Scan streams rows to a sink, trace.Loader is for those who push bytes.
//
// Packages memory (advice to the system about large memory) and snapshot (values to bytes, for traces that are kept) know nothing of
// packets. Package dissecttest makes captures for tests out of a readable packet script.
//
// # Invariants
//
// Numbers are exact: sequence numbers, keys and tokens are integers, times are nanoseconds. The segments of a capture
// are its rows, numbered from 0; the packet id that people see is the row plus 1. Tables are filled in capture order by
// one goroutine, and what a packet tells of rows before it (a mapping behind its data, a key behind a join) is put right
// there: rows are put together from lines and tables when they are read. No input is an error but a source that is no
// capture at all; what is odd is an Issue, what is missing is recorded as missing. Nothing is allocated for a packet but
// room for its line (trace/block.go), and for what its connection must remember.
//
// # Reading order
//
// One packet's way: trace/loader.go, packet/decode.go, trace/builder.go, stream/table.go, conn/table.go, conn/payload.go,
// conn/mapping.go, conn/space.go, trace/store.go; and back again: trace/row.go. The comments of the packages give the order of
// their files. Nearly every packet takes a short way (packet/usual.go, stream.Table.Take, conn/steady.go): read the general
// one first, the short one only does the same in fewer steps.
//
// # Where values differ from Wireshark's
//
// Numbers, ids and texts are those of tshark 4.0.17, so that both can be used side by side. Where it is wrong, the value
// here is the right one. These are all the differences that the parity check (testdata/parity) knows, which explains
// every one of them by a model of the defect:
//
//   - mptcpstream: Wireshark gives a number to packets with an MPTCP option only; here every packet of a subflow has it.
//     A connection that Wireshark does not number (version 1, MP_CAPABLE never answered), or lumps together with another
//     one (two connections that share a key or a token), has a number behind all of Wireshark's. Subflows that Wireshark
//     takes for connections of their own, as the key that their join names was captured later, or in MP_FASTCLOSE, keep that
//     number as an alias of the connection.
//   - dsnraw64, dsn, dack after a 32-bit number wrapped: Wireshark pastes the upper half of the initial number before
//     every number; here it is the nearest to those before.
//   - dsnraw64, dsn, dack on joined subflows of version 1: Wireshark exchanges the two directions whenever it sees the
//     JOIN SYN, so also in its second pass, and relates numbers to the other end's initial one.
//   - dsnraw64, dsn where 32-bit mappings travel with 64-bit acks or the other way round: Wireshark takes the width of a
//     mapping's number from the flag of the ack's.
//   - dsnraw64, dsn without a key: Wireshark takes 0 for the initial number (1 on the first ack, and as the base of 64-bit
//     numbers); here there is no relative number, and none at all where only 32 bits were seen. 64-bit acks tell the upper
//     half of the numbers that they ack, and MP_FASTCLOSE the receiver's key; Wireshark uses neither.
//   - dsnraw64, dsn, related_mappings of the data that MP_CAPABLE maps (version 1): Wireshark starts that mapping at each
//     segment that repeats it; here it starts at the first byte.
//   - dsnraw64, dsn, related_mappings where mappings overlap, repeat or carry a DATA_FIN: Wireshark looks at the last
//     one found only, has a mapping that takes the place of another one end where that did, and map what came before it, counts the
//     DATA_FIN for a byte of the subflow, takes a DATA_FIN without payload for the byte before the first, and loses mappings when
//     its tree is rebalanced. Here the latest mapping that covers a byte maps it.
//   - a capture in which a mapping crosses subflow sequence number 2³² (4 GB on one subflow), or data crosses data sequence
//     number 2⁶⁴: Wireshark aborts, where it analyses mappings; here numbers wrap.
//   - dsnraw64, dsn, related_mappings of what an infinite mapping covers: Wireshark maps nothing by it.
//   - dsnraw64, dsn, related_mappings without the subflow's SYN: Wireshark gives up; here the initial sequence number
//     follows from the mappings.
//   - all MPTCP columns of a segment without an MPTCP option: Wireshark does not analyse it; here its payload is mapped
//     as any other.
//   - all MPTCP columns of a segment with an option that the capture cut or that is too short: Wireshark gives up the
//     segment there; here what is whole is used, and a mapping whose length is cut covers the segment.
//   - expected_token, and dsn and dack after a third ACK that contradicts the handshake's keys: Wireshark keeps the first
//     key; here the third ACK is believed, and an Issue tells.
//   - expected_token, dsnraw64, dsn, dack where options of one handshake have different versions: Wireshark hashes each key as
//     the first option with it says; here the SYN/ACK settles the version for both.
//   - all columns of a segment whose MPTCP option has a length that no variant of it has: Wireshark reads on as far as its flags lead,
//     into the next option if need be; here only what cannot be mistaken is taken from it.
//   - mptcpstream, expected_token where a key or token shows when its stream has a connection already, neither of whose tokens is
//     known: Wireshark fails an assertion, and gives the segment up.
//   - tcpflags, tcpack, rwnd, tcplen of a TCP header that claims less than 20 bytes: Wireshark shows only the length, of which bytes of
//     the header are part; here flags, ack and window stand as they are, and there is no payload.
//   - rows: of a TCP header that the capture cut before its window Wireshark shows the ports, without a stream; here the
//     packet is counted as cut before TCP.
//   - a TCP segment in several IP fragments: Wireshark puts them together and shows the segment at the last one; here it
//     stands at the first one, without a length and without flags of TCP's analysis, and an Issue tells. One of which a fragment was
//     not captured Wireshark does not show; of one whose fragments the capture cut it shows IPv4's first, with raw numbers.
//   - reinjection_of, reinjected_in: of several packets of one subflow that start at the same number Wireshark knows
//     only the last, does not look at data whose mapping came later, nor at subflows whose handshake comes behind other MPTCP
//     options or not at all, and misses others (see the joins above, and its tree); here all packets on other subflows that share a
//     byte are listed, ascending (the first 64 of them).
//   - related_mappings lists the mapping of the first byte first, then the others, ascending; Wireshark's order is that of
//     its tree. In both, a mapping that was announced several times has the number of the last packet that did so.
//   - ipsrc_host, ipdst_host in a tunnel: Wireshark lists the addresses of all headers, here stand those of the segment.
//   - tcpoptions of a segment that Wireshark gives up end there.
//   - tcp.analysis.reused_ports on the first of several SYN/ACKs with different numbers in a stream: Wireshark's second pass
//     begins with the base that the first one ended with; here the first SYN/ACK sets it.
//   - interface in a later section of a pcapng file: Wireshark shows the name of the interface with that number in the first one.
//   - abstime, reltime of pcapng files whose clocks are much finer than nanoseconds: Wireshark computes the fraction of a second in 64
//     bits, which do not hold it.
//   - rwnd, tcp.analysis.window_full where a packet that is no SYN has a window scale: Wireshark uses it; here it is ignored (RFC 7323
//     section 2.2). Wireshark does not see that a SYN/ACK without the option turns scaling off, where it gives up that packet.
//   - tcptsval, tcptsecr, dack, and the fields of other options, where an option stands in a packet more than once: Wireshark shows
//     each; here the last one, which counts, and the ack of the first DSS.
//   - all of a segment behind a SACK option that is too short for a block, mostly: Wireshark gives up the segment there.
//   - tcp.analysis.fast_retransmission, out_of_order and retransmission after an ack of data that was not captured: Wireshark takes
//     the mark of such an ack for a very high count of duplicate acks; here only duplicate acks count.
//   - dsn, dsnraw64, related_mappings with TCP Fast Open: Wireshark gives the data of a SYN the initial number and counts it in
//     subflow sequence numbers; here it has no data sequence number (RFC 8684 appendix B.2), and subflow sequence number 1 is
//     the byte behind it, as Linux counts.
//   - all MPTCP columns of a connection whose SYN was not captured, between the ports of one before: Wireshark takes it for that one.
//     Here the SYN/ACK and the third ACK begin a subflow of a connection of its own, whose number is behind all of Wireshark's; the
//     TCP stream stays one.
//   - mptcpstream, dsn, dack where two connections share a token: here a join belongs to the one whose keys its HMAC was made
//     with.
package dissect
