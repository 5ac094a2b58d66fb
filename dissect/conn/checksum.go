package conn

// checks follows the checksums of one way.
type checks struct{}

func (t *Table) begin(s *sub, flow uint8, w *way, a *announcement, number uint32, v *packetView) {}
