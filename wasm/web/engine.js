// The page's side of the worker. Work that changes the session (commands, loading) is done one after the other; questions
// (rows of a table, a window of a chart, completion) are asked at once and may overtake it.

import { code, newWorker } from './parts.js';

/** What ended a call that did not answer. */
export class Failure extends Error {
  constructor(event) {
    super(event.message);
    this.event = event;
  }
}

export class Engine {
  #worker = null;
  #module = null; // compiled once, given to each new worker
  #calls = new Map(); // id → {on, resolve}
  #last = 0;
  #tail = Promise.resolve();
  #dead;

  /** ondead is told when the analysis ends by itself; nothing of the session is left then. */
  constructor(ondead) {
    this.#dead = ondead;
  }

  /** Starts a worker; what another one held is given back. */
  start() {
    this.stop();
    const worker = newWorker();
    this.#worker = worker;
    let ready = false;
    return new Promise((resolve, reject) => {
      const end = (message) => {
        if (this.#worker !== worker) return;
        this.stop();
        if (ready) this.#dead(message);
        else reject(new Error(message));
      };
      worker.onerror = (e) => end(e.message || 'the worker did not start');
      worker.onmessage = ({ data: m }) => {
        if (m.type === 'event') this.#event(m);
        else if (m.type === 'dead') end(m.message);
        else if (m.type === 'ready') {
          this.#module = m.module;
          ready = true;
          resolve();
        }
      };
      this.#begin(worker).catch((e) => end(e.message));
    });
  }

  async #begin(worker) {
    const parts = this.#module ? {} : await code();
    worker.postMessage({ type: 'start', module: this.#module, ...parts });
  }

  /** Ends the worker and every call under way. */
  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    for (const id of [...this.#calls.keys()]) {
      this.#finish(id, { event: 'error', message: 'stopped', cancelled: true });
    }
  }

  /**
   * Runs a command line. Every event of the answer goes to on(event, data), errors too. Resolves to the last event, which
   * names the current capture, or to undefined when the call was stopped. later are columns that tables come without: their
   * rows are to be asked for again.
   */
  run(line, on, signal, later) {
    return this.#inTurn(signal, (id) => this.#post({ type: 'do', id, request: JSON.stringify({ do: 'run', line, later }) }), on);
  }

  /** Reads a capture: {name, file} or {name, url}. */
  load(source, on, signal) {
    return this.#inTurn(signal, (id) => this.#post({ type: 'load', id, ...source }), on);
  }

  /** Tells the worker a file that commands may open by its name. */
  know(source) {
    this.#post({ type: 'file', ...source });
  }

  /** Asks a question at once; resolves to the event it is answered with and throws a Failure on an error. */
  async ask(request) {
    let answer, failure;
    await this.#call(undefined, (id) => this.#post({ type: 'do', id, request: JSON.stringify(request) }), (event, data) => {
      if (event.event === 'error') failure = event;
      else answer ??= data ? { ...event, data } : event;
    });
    if (failure) throw new Failure(failure);
    return answer;
  }

  /** Lets the session forget tables and charts that are no longer shown. */
  release(handles) {
    if (handles.length && this.#worker) this.ask({ do: 'release', handles }).catch(() => {});
  }

  #post(message) {
    this.#worker?.postMessage(message);
  }

  #inTurn(signal, begin, on) {
    const turn = this.#tail.then(() => this.#call(signal, begin, on));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  #call(signal, begin, on) {
    if (signal?.aborted || !this.#worker) {
      on({ event: 'error', message: 'stopped', cancelled: true });
      return Promise.resolve();
    }
    const id = ++this.#last;
    return new Promise((resolve) => {
      const abort = () => {
        this.#post({ type: 'cancel', id });
        this.#finish(id, { event: 'error', message: 'stopped', cancelled: true });
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#calls.set(id, {
        on,
        resolve: (done) => {
          signal?.removeEventListener('abort', abort);
          resolve(done);
        },
      });
      begin(id);
    });
  }

  #event({ id, event: text, data }) {
    const call = this.#calls.get(id);
    if (!call) return; // it was stopped
    const event = JSON.parse(text);
    if (event.event === 'done') this.#finish(id, null, event);
    else call.on(event, data);
  }

  /** Ends a call, telling an error first where there is one. */
  #finish(id, error, done) {
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    if (error) call.on(error);
    call.resolve(done);
  }
}
