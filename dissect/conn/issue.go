package conn

// Issue is a kind of oddity in the MPTCP of a capture.
type Issue uint8

// Issues.
const (
	TokenCollision Issue = iota
	KeyChanged
	KeyRepeated
	UnknownToken
	BadOption
	CutOption
	UnknownSubtype
	ReservedBits
	WrongVersion
	ForgedSYNACK
	ForgedACK
	ForgedAddress
	EarlyAddress
	WrongChecksum
	MappingChanged
	FarDSN
	FellBack
	MPFail
	ManyCopies
	ManyMappings
	GuessedStart
	AnotherConn
	ForgedClose
	NumIssues
)

// Severity of an issue, as Wireshark's expert levels: 0 chat, 1 warning, 2 error.
func (i Issue) Severity() uint8 { return issueTexts[i].severity }

// What says what is wrong and why it matters.
func (i Issue) What() string { return issueTexts[i].what }

// Section is the RFC section that the issue rests on.
func (i Issue) Section() string { return issueTexts[i].section }

var issueTexts = [NumIssues]struct {
	severity uint8
	what     string
	section  string
}{
	TokenCollision: {1, "two connections share a token: the HMAC tells which of them a join is of; without it, the newer", "RFC 8684 3.1"},
	KeyChanged:     {1, "a key differs from that of the handshake: the third ACK is believed", "RFC 8684 3.1"},
	KeyRepeated:    {1, "two connections use the same key", "RFC 8684 3.1"},
	UnknownToken:   {0, "MP_JOIN with the token of no connection seen so far", "RFC 8684 3.2"},
	BadOption:      {1, "MPTCP option of impossible length: what can be read without guessing is used", "RFC 8684 3"},
	CutOption:      {0, "MPTCP option cut by the capture: what is whole is used", "RFC 8684 3"},
	UnknownSubtype: {0, "MPTCP option of unassigned subtype", "RFC 8684 7.2"},
	ReservedBits:   {0, "reserved bits are set in an MPTCP option", "RFC 8684 3"},
	WrongVersion:   {1, "MPTCP version other than 0 and 1", "RFC 8684 3.1"},
	ForgedSYNACK:   {2, "wrong HMAC in the SYN/ACK of a join: the peer does not know the keys", "RFC 8684 3.2"},
	ForgedACK:      {2, "wrong HMAC in the ACK of a join: the peer does not know the keys", "RFC 8684 3.2"},
	ForgedAddress:  {2, "wrong HMAC in an ADD_ADDR: receivers ignore it", "RFC 8684 3.4.1"},
	EarlyAddress:   {0, "ADD_ADDR whose HMAC is cut on the wrong side, as early Linux did", "RFC 8684 3.4.1"},
	WrongChecksum:  {2, "wrong DSS checksum: the payload or its mapping was changed on the way", "RFC 8684 3.7"},
	MappingChanged: {1, "a mapping contradicts an earlier one for the same bytes", "RFC 8684 3.3.1"},
	FarDSN:         {1, "data sequence number far outside of the connection's", "RFC 8684 3.3"},
	FellBack:       {0, "the connection falls back to TCP", "RFC 8684 3.7"},
	ManyMappings:   {1, "payload lies in so many mappings that not all of them are looked at: the rest of it counts as unmapped", "RFC 8684 3.3.1"},
	ManyCopies:     {0, "bytes were carried so often that not all packets with them are listed", "RFC 8684 3.3.1"},
	GuessedStart:   {0, "a subflow captured from its middle, whose mappings leave open where they begin: data sequence numbers may be too low", "RFC 8684 3.3.1"},
	AnotherConn:    {1, "another connection between the same ports, whose SYN was not captured: the stream is two subflows, before and from here", "RFC 9293 3.4"},
	ForgedClose:    {1, "MP_FASTCLOSE with another key than the receiver's, which ignores it", "RFC 8684 3.5"},
	MPFail:         {1, "MP_FAIL: the receiver saw a wrong checksum", "RFC 8684 3.7"},
}
