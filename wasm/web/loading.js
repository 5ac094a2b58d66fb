// What is shown while a capture is read: name, bytes of bytes, packets, rate, and Cancel.

import { byId } from './dom.js';
import { words } from './words.js';

/** Rates below this time are guesses, in ms. */
const MEASURABLE = 200;

export class LoadingBar {
  #control = null;
  #event = null;
  #began = 0;
  #frame = 0;

  constructor() {
    byId('cancel').onclick = () => this.cancel();
  }

  get shown() { return this.#control !== null; }

  /** How much was read, in words. */
  get read() { return this.#event?.done ?? '0 B'; }

  /** Shows the bar; the signal tells when it was cancelled. */
  begin(name) {
    this.end();
    this.#control = new AbortController();
    this.#event = null;
    this.#began = performance.now();
    byId('loading-task').textContent = `${words.busy} ${name}`;
    byId('loading-note').textContent = '';
    byId('loading-bar').removeAttribute('value');
    byId('loading').hidden = false;
    return this.#control.signal;
  }

  /** Takes a progress event; it is drawn with the next frame. */
  update(event) {
    this.#event = event;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  cancel() { this.#control?.abort(); }

  end() {
    cancelAnimationFrame(this.#frame); // the next file's bar must not draw what was read of this one
    this.#frame = 0;
    this.#control = null;
    byId('loading').hidden = true;
  }

  #draw() {
    const { share, done, total, note } = this.#event;
    const bar = byId('loading-bar');
    if (share >= 0) bar.value = share;
    else bar.removeAttribute('value');
    byId('loading-note').textContent = [words.of(done, total), note, this.#rate()].filter(Boolean).join(' · ');
  }

  /** How fast it goes, in MB/s. */
  #rate() {
    const ms = performance.now() - this.#began;
    return ms < MEASURABLE ? '' : words.rate((this.#event.count / ms / 1000).toPrecision(3));
  }
}
