// Where the page stands, in the fragment of its address: #url=samples/a.pcapng&connection=2&from=1.2&to=1.9. A dropped
// capture leaves nothing of itself there: its name is kept in the browser's history only, for back and forward.

/** Times are written to the µs: finer than a pixel, and the same whichever way they went. */
const DIGITS = 6;

const base = () => new URL('.', document.baseURI).href;

/**
 * What the address says: {url, foreign, capture, connection, window}. url is of this host; the page's policy allows no other, which
 * is foreign, as is what makes no address.
 */
export function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const named = said.get('url');
  const url = named && parsed(named);
  const [from, to] = ['from', 'to'].map((key) => Math.round(parseFloat(said.get(key)) * 1e9));
  return {
    url: url?.origin === location.origin ? url.href : null,
    foreign: named && url?.origin !== location.origin ? url?.href ?? named : null,
    capture: history.state?.capture,
    connection: said.get('connection') ?? undefined,
    window: from < to ? { from, to } : null,
  };
}

/** An address of the page, or null where it makes none. */
function parsed(address) {
  try {
    return new URL(address, document.baseURI);
  } catch {
    return null;
  }
}

/** The fragment for a place: {url, connection, window}, window in ns since the capture began. */
function fragment({ url, connection, window }) {
  const said = new URLSearchParams();
  if (url) said.set('url', url.startsWith(base()) ? url.slice(base().length) : url);
  if (connection !== undefined) said.set('connection', connection);
  if (window) {
    said.set('from', seconds(window.from));
    said.set('to', seconds(window.to));
  }
  return String(said).replaceAll('%2F', '/');
}

const seconds = (ns) => String(Number((ns / 1e9).toFixed(DIGITS)));

/** Whether the address says anything that a link would bring back. */
export const linked = () => location.hash.length > 1;

/** Lets the address say where the page stands; null is the beginning. A new place is a step that one can go back from. */
export function write(place) {
  const hash = place ? fragment(place) : '';
  const capture = place?.capture;
  const here = history.state?.capture;
  if (capture === here && hash === location.hash.slice(1)) return;
  const address = hash ? `#${hash}` : location.pathname + location.search;
  history[capture && here ? 'pushState' : 'replaceState']({ capture }, '', address);
}
