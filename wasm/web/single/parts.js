// Where the parts of the page in a single file lie: in elements of the page, packed, as text.

const text = (name) => document.getElementById(`part-${name}`).textContent;

/** A part's bytes. */
async function unpacked(name) {
  const packed = Uint8Array.from(atob(text(name)), (c) => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

const worker = URL.createObjectURL(new Blob([text('worker.js')], { type: 'text/javascript' }));

/** A new worker, as yet without work. */
export const newWorker = () => new Worker(worker);

/** What a worker compiles: {wasm: address} or {bytes}. */
export const code = async () => ({ bytes: await unpacked('mptcp.wasm') });

/** The captures in the page: [{name, file, title, story}]. */
export const samples = () => Promise.all(JSON.parse(text('samples.json')).map(async ({ file, other, title, story }) => ({
  name: file, other, file: new File([await unpacked(file)], file), title, story,
})));

/** A page in a single file needs no network. */
export const keepOffline = async () => {};
