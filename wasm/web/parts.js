// Where the parts of the page lie: in files beside this one. The page in a single file has single/parts.js in its place.
// This one is loaded before all other scripts, and has a worker compile the module while they come.

const wasm = String(new URL('mptcp.wasm', import.meta.url));
const make = () => new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
let prepared = make();
prepared.postMessage({ type: 'prepare', wasm });

/** A new worker, to be started. */
export function newWorker() {
  const worker = prepared ?? make();
  prepared = null;
  return worker;
}

/** What a worker compiles: {wasm: address} or {bytes}. */
export const code = async () => ({ wasm });

/** The captures that lie beside the page: [{name, url, title, story}]. */
export async function samples() {
  const answer = await fetch(new URL('samples.json', import.meta.url));
  if (!answer.ok) throw new Error(`samples.json: ${answer.status}`);
  return (await answer.json()).map(({ file, other, title, story }) => ({
    name: file, other, url: new URL(`samples/${file}`, document.baseURI).href, title, story,
  }));
}

/** Keeps the page for visits without a network. What it fetches for that it fetches now, not after a file was chosen. */
export async function keepOffline() {
  try {
    const { installing } = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
    if (!installing) return;
    await new Promise((resolve) => {
      installing.addEventListener('statechange', () => { if (installing.state !== 'installing') resolve(); });
    });
  } catch { /* a host without TLS, or a private window: the page works, but only with a network */ }
}
