// The commands that the page itself runs: what a click would otherwise have been typed as.

/** What is run when a capture has been read: its first table is the list of connections. */
export const overview = 'lc';

/** What is run when a capture has no connection. */
export const without = ['lt'];

/** What shows a connection, after the command that its row opens with: charts on one axis of time. */
export const connection = (id) => ['dsn', 'tput', 'rtt', 'flight', 'ooo', 'timeline'].map((type) => `plot ${type} ${id}`);

/** What is drawn instead of a chart that is blank: a connection that fell back has no data sequence numbers. */
export const otherwise = (id) => ({ [`plot dsn ${id}`]: `plot tcpseq ${id}` });

/** How many packets are listed. */
const MOST = 5000;

const COLUMNS = 'packetid reltime ipsrc ipdst tcpstream tcpseq tcplen tcpack dsn dack subtype reinjection_of';

/** The packets of a connection, all or those of a window in ns since the capture began. */
export function packets(id, w) {
  const seconds = (ns) => (ns / 1e9).toFixed(9);
  const when = w ? ` && reltime >= ${seconds(w.from)} && reltime <= ${seconds(w.to)}` : '';
  return `dump ${COLUMNS} -n ${MOST} --where "mptcpstream == ${id}${when}"`;
}

/** One packet, by its number in the file. */
export const packet = (frame) => `packet --frame ${frame}`;

/** How Wireshark shows that packet alone. */
export const filter = (frame) => `frame.number == ${frame}`;
