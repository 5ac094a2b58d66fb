// The commands that the page itself runs: what a click would otherwise have been typed as.

import { words } from './words.js';

/** A word as the language reads it: in quotes where it needs them. */
export const quote = (word) => (/^[\p{L}\p{N}_.,:/+~][\p{L}\p{N}_.,:/+~-]*$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Reads a capture by its name. */
export const load = (name) => `load ${quote(name)}`;

/** Reads files as the parts of one capture. */
export const merge = (names) => `load --merge ${names.map(quote).join(' ')}`;

/** Goes to a capture that has been read. */
export const use = (name) => `use ${quote(name)}`;

/** Files that are no captures, by the ends of their names: what is put into the prompt for them. */
export const others = { json: (name) => `numerics ${quote(name)} buffer`, mptcp: (name) => `run ${quote(name)}` };

/** What can be asked when two captures are there, say of both ends: lines, and what they tell. */
export const pair = ['map_mptcp 0', 'owd 0', 'plot owd mptcp 0'].map((line) => ({ line, what: words.pairs[line.split(' ')[0]] }));

/** What is run when a capture has been read: its first table is the list of connections. */
export const overview = 'lc';

/** What of it takes a look at all packets, and is filled in when the list stands. */
export const overviewLater = ['verdict'];

/** What is run when a capture has no connection. */
export const without = ['lt'];

/** The beginning of every line that draws. */
export const plots = 'plot ';

/** What shows a connection, after the command that its row opens with: charts on one axis of time. */
export const connection = (id) => ['dsn', 'tput', 'rtt', 'flight', 'ooo', 'timeline'].map((type) => `${plots}${type} ${id}`);

/** What else can be asked of a connection: lines, and what they tell. */
export const questions = (id) => Object.entries(words.questions).map(([name, what]) => ({ line: `${name} ${id}`, what }));

/** What is drawn instead of a chart that is blank: a connection that fell back has no data sequence numbers. */
export const otherwise = (id) => ({ [`${plots}dsn ${id}`]: `${plots}tcpseq ${id}` });

const seconds = (ns) => (ns / 1e9).toFixed(9);

/** A line as it draws a window, in ns since the capture began. */
export const within = (line, w) => (w && line.startsWith(plots) ? `${line} --from ${seconds(w.from)} --to ${seconds(w.to)}` : line);

const COLUMNS = 'frame reltime tcpstream ipsrc ipdst tcpseq tcplen tcpack dsn dack subtype packetid reinjection_of';

/** The packets of a connection: all, or those of a window in ns since the capture began. */
export function packets(id, w) {
  const when = w ? ` && reltime >= ${seconds(w.from)} && reltime <= ${seconds(w.to)}` : '';
  return `dump ${COLUMNS} -n 0 --where "mptcpstream == ${id}${when}"`;
}

/** One packet, by its number in the file. */
export const packet = (frame) => `packet --frame ${frame}`;

/** How Wireshark shows that packet alone. */
export const filter = (frame) => `frame.number == ${frame}`;
