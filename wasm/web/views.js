// The commands that the page itself runs: what a click would otherwise have been typed as.

/** What is run when a capture has been read: its first table is the list of connections. */
export const overview = 'lc';

/** What is run when a capture has no connection. */
export const without = ['lt'];

/** What shows a connection, after the command that its row opens with. */
export const connection = (id) => [`plot dsn ${id}`];

/** What is drawn instead where that drew nothing: a connection that fell back has no data sequence numbers. */
export const otherwise = (id) => [`plot tcpseq ${id}`];
