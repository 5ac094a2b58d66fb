// How files are read: by a worker of the worker, which reads on while the module works on what was read before. It gives
// pieces of equal size, and their memory comes back to be filled again.

/** What the worker that reads is called. */
export const READER = 'reader';
/** How much is given to the module at once: a call costs some 25 µs, a copied byte next to nothing while the cache holds it. */
const CHUNK = 1 << 20;
/** How much goes from worker to worker at once: each time one waits for the other's message. */
const PIECE = 4 * CHUNK;
/** How many pieces are read ahead. */
const AHEAD = 4;
/** How long a stream may give nothing before slices are read instead, in ms. */
const PATIENCE = 5000;

/** The chunks of a stream, as they come. */
export async function* streamChunks(reader) {
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
    const part = new Uint8Array(await file.slice(at, at + 2 * PIECE).arrayBuffer());
    at += part.length;
    yield part;
  }
}

const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms, null); });

/** Room for one piece, which is used again: what gather yields is good until the next one is asked for. */
const oneRoom = () => {
  const room = new Uint8Array(CHUNK);
  return () => room;
};

/** The chunks that a piece is given to the module by. */
export function chunksOf(piece) {
  const chunks = [];
  for (let at = 0; at < piece.length; at += CHUNK) chunks.push(piece.subarray(at, at + CHUNK));
  return chunks;
}

/** Puts small chunks together, in rooms of one size; it ends early when there is no further room. */
export async function* gather(chunks, room = oneRoom()) {
  let into = await room(), filled = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (filled + rest.length >= into.length) {
      const fits = into.length - filled;
      into.set(rest.subarray(0, fits), filled);
      rest = rest.subarray(fits);
      yield into;
      into = await room();
      if (!into) return;
      filled = 0;
    }
    into.set(rest, filled);
    filled += rest.length;
  }
  if (filled > 0) yield into.subarray(0, filled);
}

/** The rooms of one reading: give() takes one back, or ends the reading for null. */
class Rooms {
  #free = [];
  #made = 0;
  #ended = false;
  #waiting = null;

  take() {
    if (this.#ended) return null;
    if (this.#free.length) return this.#free.pop();
    if (this.#made++ < AHEAD) return new Uint8Array(PIECE);
    return new Promise((resolve) => { this.#waiting = resolve; });
  }

  give(room) {
    this.#ended ||= !room;
    if (this.#waiting) this.#waiting(room);
    else if (room) this.#free.push(room);
    this.#waiting = null;
  }
}

/** Works as the worker that reads: {id, file} begins, {id, room} gives a piece's memory back, {id} ends. */
export function serveReads() {
  const reads = new Map(); // id → Rooms
  self.onmessage = ({ data: { id, file, room } }) => {
    if (file) read(id, file, reads);
    else reads.get(id)?.give(room && new Uint8Array(room));
  };
  self.postMessage({});
}

async function read(id, file, reads) {
  const rooms = new Rooms();
  reads.set(id, rooms);
  try {
    for await (const part of gather(fileChunks(file), () => rooms.take())) self.postMessage({ id, part }, [part.buffer]);
    self.postMessage({ id });
  } catch (e) {
    self.postMessage({ id, error: e.message });
  } finally {
    reads.delete(id);
  }
}

/** Reads files through a worker of its own, or here where a browser lets a worker have none. */
export class Reader {
  #worker = null;
  #reads = new Map(); // id → takes an answer
  #last = 0;

  constructor() {
    try {
      const type = self.location.protocol === 'blob:' ? 'classic' : 'module';
      const worker = new Worker(self.location.href, { type, name: READER });
      worker.onmessage = ({ data }) => {
        if (data.id === undefined) this.#worker = worker;
        else this.#reads.get(data.id)?.(data);
      };
      worker.onerror = (e) => e.preventDefault(); // it is not used before it answers
    } catch { /* the same */ }
  }

  /** The pieces of a file. Each is good until the next one is asked for. */
  pieces(file) { return this.#worker ? this.#ahead(file) : gather(fileChunks(file)); }

  async* #ahead(file) {
    const id = ++this.#last, answers = [];
    let wake = null;
    this.#reads.set(id, (answer) => {
      answers.push(answer);
      wake?.();
    });
    this.#worker.postMessage({ id, file });
    try {
      for (;;) {
        while (!answers.length) await new Promise((resolve) => { wake = resolve; });
        const { part, error } = answers.shift();
        if (error) throw new Error(error);
        if (!part) return;
        yield part;
        this.#worker.postMessage({ id, room: part.buffer }, [part.buffer]);
      }
    } finally {
      this.#reads.delete(id);
      this.#worker.postMessage({ id });
    }
  }
}
