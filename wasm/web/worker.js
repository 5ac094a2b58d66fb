// The Web Worker that runs the analysis: it feeds files by chunks to the WebAssembly module, and carries requests and events
// between the page and the module. It keeps no state of its own between captures: the page replaces
// the worker to give memory back.
//
// The page sends {type: 'prepare', wasm} to compile ahead, {type: 'start', module? | wasm | bytes}, {type: 'do', id, request},
// {type: 'load', id, name, file | url}, {type: 'file', name, file | url} (a name that a command may open) and {type: 'cancel', id}. The worker answers
// {type: 'ready', module}, {type: 'event', id, event, data?} and {type: 'dead', message}.

import './wasm_exec.js';
import { chunksOf, gather, READER, Reader, serveReads, streamChunks } from './reading.js';

const known = new Map(); // name → {file} or {url}
const loads = new Map(); // id → true once that load is to end
let calls; // the module's functions, once it runs
let reader; // of files, as soon as the module runs
let running; // promise of the compiled module, which runs by then
const early = []; // what came before that

self.mptcpHost = {
  ready(functions) {
    calls = functions;
    reader = new Reader(); // only now: the module is what is waited for
    early.splice(0).forEach(take);
  },
  emit(id, event, data) {
    self.postMessage({ type: 'event', id, event, data }, data ? [data.buffer] : []);
  },
  async open(name) {
    const source = known.get(name);
    if (!source) return null;
    const { size, pieces } = await opened(source);
    return {
      size,
      async read() {
        const { value, done } = await pieces.next();
        return done ? null : value;
      },
      close() { pieces.return(); },
    };
  },
  names: (prefix) => [...known.keys()].filter((name) => name.startsWith(prefix)),
};

/** The size and the pieces of a file or of an address on the page's own host. */
async function opened({ file, url }) {
  if (file) return { size: file.size, pieces: reader.pieces(file) };
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the host answered ${answer.status}`);
  // What a host compressed on the way has another length here.
  const length = answer.headers.get('Content-Encoding') ? null : answer.headers.get('Content-Length');
  return { size: length === null ? -1 : Number(length), pieces: gather(streamChunks(answer.body.getReader())) };
}

/** Reads a capture into the module, chunk by chunk. */
async function load({ id, name, file, url }) {
  let at = 0, pieces;
  const fed = (piece) => chunksOf(piece).every((chunk) => {
    at += chunk.length;
    return calls.feed(id, chunk);
  });
  loads.set(id, false);
  try {
    const source = await opened({ file, url });
    pieces = source.pieces;
    const first = pieces.next(); // it is read while the module prepares itself
    calls.begin(id, name, source.size);
    for (let { value, done } = await first; !done; ({ value, done } = await pieces.next())) {
      if (loads.get(id)) {
        fail(id, { message: 'stopped', cancelled: true });
        calls.drop(id);
        return;
      }
      if (!fed(value)) return;
    }
    calls.finish(id);
  } catch (e) {
    fail(id, { message: at ? `${name}: reading on at byte ${at}: ${e.message}` : `${name}: ${e.message}` });
    calls.drop(id);
  } finally {
    pieces?.return();
    loads.delete(id);
  }
}

function fail(id, error) {
  const send = (event) => self.mptcpHost.emit(id, JSON.stringify(event), null);
  send({ event: 'error', start: 0, end: 0, ...error });
  send({ event: 'done' });
}

/** Says that the module runs, which may have been prepared. */
async function start(parts) {
  self.postMessage({ type: 'ready', module: await (running ??= run(parts)) });
}

/** Compiles the module, or takes the compiled one, and runs it. */
async function run({ module, wasm, bytes }) {
  const compiled = module ?? await (bytes ? WebAssembly.compile(bytes) : compile(wasm));
  const go = new self.Go();
  const instance = await WebAssembly.instantiate(compiled, go.importObject);
  go.run(instance).then(() => dead('it ended'), (e) => dead(e.message));
  return compiled;
}

async function compile(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const spare = answer.clone();
  try {
    return await WebAssembly.compileStreaming(answer);
  } catch {
    // A host that does not know the type of .wasm.
    return WebAssembly.compile(await spare.arrayBuffer());
  }
}

function dead(message) {
  self.postMessage({ type: 'dead', message });
}

function take(m) {
  switch (m.type) {
    case 'do': calls.do(m.id, m.request); break;
    case 'load': known.set(m.name, m); load(m); break;
    case 'file': known.set(m.name, m); break;
    case 'cancel':
      if (loads.has(m.id)) loads.set(m.id, true);
      else calls.cancel(m.id);
      break;
  }
}

if (self.name === READER) serveReads();
else self.onmessage = ({ data: m }) => {
  if (m.type === 'prepare') (running = run(m)).catch(() => {}); // start tells of it
  else if (m.type === 'start') start(m).catch((e) => dead(e.message));
  else if (calls) take(m);
  else early.push(m);
};
