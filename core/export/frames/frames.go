// Package frames writes the selected packets of a capture as pcapng, with gopacket's writer: the interfaces of the
// capture, the bytes as captured, times to the nanosecond, and a comment on each packet of a connection that names its
// connection and subflow. It is for native programs:
//
//	job, err := export.NewJob(q, append(export.Formats(), frames.Format()))
//
// It writes the table of packets only, whose fields it does not need, and needs the capture's frames (Writing.Trace).
package frames
