// Makes the page slow, and slow in another way each time: what it tells its workers and what they tell it, pictures,
// requests and timers come late by chance, in their order. It runs before the page's own scripts.
(() => {
  const some = (ms) => Math.random() ** 2 * ms; // mostly little

  /** Gives a function that does things late, one after the other. */
  const queue = (ms) => {
    const waiting = [];
    let last = 0;
    return (act) => {
      waiting.push(act);
      last = Math.max(last, performance.now() + some(ms));
      later(() => waiting.shift()(), last - performance.now()); // timers may change places, what waits may not
    };
  };
  const later = setTimeout;

  window.Worker = class extends Worker {
    #there = queue(400);
    #back = queue(400);
    #ended = false;

    postMessage(...message) { this.#there(() => super.postMessage(...message)); }

    set onmessage(f) { super.onmessage = (e) => this.#back(() => { if (!this.#ended) f.call(this, e); }); }

    terminate() {
      this.#ended = true;
      super.terminate();
    }
  };

  window.setTimeout = (f, ms = 0, ...more) => later(f, ms * (1 + some(3)), ...more);

  const { fetch, requestAnimationFrame: frame, cancelAnimationFrame: cancel } = window;
  window.fetch = async (...asked) => {
    await new Promise((resolve) => { later(resolve, some(400)); });
    return fetch(...asked);
  };
  const frames = new Map(); // what requestAnimationFrame gave → what it is by now
  window.requestAnimationFrame = (f) => {
    const id = later(() => { frames.set(id, frame((now) => { frames.delete(id); f(now); })); }, some(200));
    return id;
  };
  window.cancelAnimationFrame = (id) => {
    clearTimeout(id);
    cancel(frames.get(id));
    frames.delete(id);
  };
})();
