// The Web Worker that runs the analysis: it reads files by chunks, feeds them to the WebAssembly module, and carries
// requests and events between the page and the module. It keeps no state of its own between captures: the page replaces
// the worker to give memory back.
//
// The page sends {type: 'prepare', wasm} to compile ahead, {type: 'start', module? | wasm | bytes}, {type: 'do', id, request},
// {type: 'load', id, name, file | url}, {type: 'file', name, file | url} (a name that a command may open) and {type: 'cancel', id}. The worker answers
// {type: 'ready', module}, {type: 'event', id, event, data?} and {type: 'dead', message}.

import './wasm_exec.js';

/** How much is given to the module at once: a call costs some 25 µs, a copied byte next to nothing. */
const CHUNK = 1 << 20;
/** How long a stream may give nothing before slices are read instead, in ms. */
const PATIENCE = 5000;

const known = new Map(); // name → {file} or {url}
const loads = new Map(); // id → true once that load is to end
let calls; // the module's functions, once it runs
let running; // promise of the compiled module, which runs by then
const early = []; // what came before that

self.mptcpHost = {
  ready(functions) {
    calls = functions;
    early.splice(0).forEach(take);
  },
  emit(id, event, data) {
    self.postMessage({ type: 'event', id, event, data }, data ? [data.buffer] : []);
  },
  async open(name) {
    const source = known.get(name);
    if (!source) return null;
    const { size, chunks } = await opened(source);
    const gathered = gather(chunks);
    return {
      size,
      async read() {
        const { value, done } = await gathered.next();
        return done ? null : value;
      },
      close() { gathered.return(); },
    };
  },
  names: (prefix) => [...known.keys()].filter((name) => name.startsWith(prefix)),
};

/** The size and the chunks of a file or of an address on the page's own host. */
async function opened({ file, url }) {
  if (file) return { size: file.size, chunks: fileChunks(file) };
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the host answered ${answer.status}`);
  // What a host compressed on the way has another length here.
  const length = answer.headers.get('Content-Encoding') ? null : answer.headers.get('Content-Length');
  return { size: length === null ? -1 : Number(length), chunks: streamChunks(answer.body.getReader()) };
}

async function* streamChunks(reader) {
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The chunks of a file, as they come; by slices when the stream stalls, which browsers have been seen to do. */
async function* fileChunks(file) {
  const reader = file.stream().getReader();
  let at = 0;
  try {
    for (;;) {
      const part = await Promise.race([reader.read(), after(PATIENCE)]);
      if (!part) break;
      if (part.done) return;
      at += part.value.length;
      yield part.value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  while (at < file.size) {
    const part = new Uint8Array(await file.slice(at, at + 8 * CHUNK).arrayBuffer());
    at += part.length;
    yield part;
  }
}

const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms, null); });

/** Puts small chunks together. What it yields is good until the next one is asked for. */
async function* gather(chunks) {
  const room = new Uint8Array(CHUNK);
  let filled = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (filled + rest.length >= CHUNK) {
      const fits = CHUNK - filled;
      room.set(rest.subarray(0, fits), filled);
      rest = rest.subarray(fits);
      filled = 0;
      yield room;
    }
    room.set(rest, filled);
    filled += rest.length;
  }
  if (filled > 0) yield room.subarray(0, filled);
}

/** Reads a capture into the module, chunk by chunk. */
async function load({ id, name, file, url }) {
  let at = 0;
  loads.set(id, false);
  try {
    const { size, chunks } = await opened({ file, url });
    calls.begin(id, name, size);
    for await (const chunk of gather(chunks)) {
      if (loads.get(id)) {
        fail(id, { message: 'stopped', cancelled: true });
        calls.drop(id);
        return;
      }
      at += chunk.length;
      if (!calls.feed(id, chunk)) return;
    }
    calls.finish(id);
  } catch (e) {
    fail(id, { message: at ? `${name}: reading on at byte ${at}: ${e.message}` : `${name}: ${e.message}` });
    calls.drop(id);
  } finally {
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

self.onmessage = ({ data: m }) => {
  if (m.type === 'prepare') (running = run(m)).catch(() => {}); // start tells of it
  else if (m.type === 'start') start(m).catch((e) => dead(e.message));
  else if (calls) take(m);
  else early.push(m);
};
