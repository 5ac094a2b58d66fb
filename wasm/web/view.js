// The view of a connection: the answers of some commands, their charts on one axis of time, the mark that was clicked and
// the packets of the window that is shown.

import { Answer } from './answer.js';
import { clickedLine } from './clicked.js';
import { button, byId } from './dom.js';
import { Link } from './link.js';
import * as views from './views.js';
import { words } from './words.js';

/** After how many answers the packets are listed: those that fill the window. */
const FIRST = 2;

export class View {
  #engine;
  #work;
  #offers;
  #onwindow;
  #answers = [];
  #link = null; // its charts
  #stop = new AbortController(); // of what is being drawn
  #drawing = null; // draws it again, while it is drawn
  #clicked = null; // the mark that was clicked last: {point, payload}
  #picked = null; // the packet that is looked at: {frame, x}, x in ns since the capture began
  #packets = null; // the answer that lists them
  id; // of the connection, undefined where it shows none

  /**
   * work(task) runs a task and keeps the page's state; offers is what answers offer: {run, edit}; onwindow(window) is told
   * when the window has changed, null for the whole.
   */
  constructor(engine, { work, offers, onwindow }) {
    this.#engine = engine;
    this.#work = work;
    this.#offers = offers;
    this.#onwindow = onwindow;
  }

  /** Stops what is being drawn, and what the last one left. */
  stop() {
    this.#drawing = null;
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /** Stops what is being drawn, and offers to draw what is missing. */
  cancel() {
    if (!this.#drawing) return;
    const again = this.#drawing;
    this.stop();
    byId('view').append(button(words.rest, words.rest, again));
  }

  /** Takes everything away. */
  clear() {
    this.stop();
    this.#clear();
  }

  #clear() {
    this.#link?.end();
    this.#link = this.#clicked = this.#picked = this.#packets = null;
    this.id = undefined;
    this.#answers.forEach((answer) => answer.remove());
    this.#answers = [];
    byId('view-head').hidden = true;
    for (const place of ['view', 'clicked', 'packet', 'packets']) byId(place).replaceChildren();
  }

  /** Shows the answers of some commands below a title; of a connection its packets as well, all or those of a window. */
  show(title, lines, id, w) {
    this.stop();
    const { signal } = this.#stop;
    return this.#work(() => {
      if (signal.aborted) return true; // another view is wanted by now
      this.#clear();
      this.#drawing = () => this.show(title, lines, id, w);
      return this.#draw(title, lines, id, w, signal);
    });
  }

  async #draw(title, lines, id, w, signal) {
    this.id = id;
    this.#link = new Link((shown) => this.#moved(shown));
    byId('view-title').textContent = title;
    byId('view-head').hidden = false;
    byId('answers').scrollTop = 0;
    for (const [i, line] of lines.entries()) {
      if (i === FIRST && id !== undefined && !signal.aborted) await this.#list(w, signal); // the further charts may take long
      const answer = await this.#add(line, signal);
      if (!answer?.blank) continue;
      const other = views.otherwise(id)[line];
      if (other || !answer.noted) answer.remove();
      if (other) await this.#add(other, signal);
    }
    if (!signal.aborted) {
      this.#drawing = null;
      this.#link.align();
      if (w) this.#link.zoom(w);
      if (w && this.#link.misses(w)) this.#moved(null);
    }
    return signal.aborted || !this.#answers.some((answer) => answer.failed);
  }

  /** What is shown, in ns since the capture began; null for the whole. */
  get window() { return this.#link?.window ?? null; }

  /** Goes to the list of packets. */
  focus() { this.#packets?.focus(); }

  /** Shows a window in all charts; the whole for null. */
  zoom(w) { this.#link?.zoom(w); }

  /** The commands that show what is shown. */
  get lines() {
    return this.#answers.filter((answer) => !answer.gone && !answer.failed).map(({ line }) => views.within(line, this.window));
  }

  async #add(line, signal) {
    if (signal.aborted) return;
    const answer = this.#answer(line, { link: this.#link, onPoint: (point, payload) => this.pointed(point, payload), stop: () => this.cancel() });
    byId('view').append(answer.element);
    await this.#engine.run(line, (event, data) => answer.add(event, data), signal);
    answer.end();
    return answer;
  }

  /** Runs a command and shows its answer in a place of the view, instead of the one before. */
  async #answerIn(place, line, signal, more) {
    const answer = this.#answer(line, more);
    await this.#engine.run(line, (event, data) => answer.add(event, data), signal);
    answer.end();
    if (signal.aborted) return null;
    this.#answers.filter((a) => a.place === place).forEach((a) => a.remove());
    answer.place = place;
    byId(place).replaceChildren(answer.element);
    return answer;
  }

  /** Lists the packets of a window; the one that is looked at stays marked. */
  async #list(w, signal) {
    const onRow = ({ cells }) => this.#pick(cells.frame.t, Math.round((cells.reltime?.v ?? NaN) * 1e9));
    this.#packets = await this.#answerIn('packets', views.packets(this.id, w), signal, { onRow });
    if (this.#picked) await this.#packets?.mark('frame', this.#picked.frame);
  }

  #answer(line, more) {
    const answer = new Answer(this.#engine, line, { ...this.#offers, ...more });
    this.#answers = [...this.#answers.filter((a) => !a.gone), answer];
    return answer;
  }

  /** The window has changed: its packets are listed. */
  #moved(w) {
    this.#link?.align();
    this.#onwindow(w);
    if (this.id === undefined) return;
    const { signal } = this.#stop;
    this.#work(async () => { await this.#list(w, signal); return true; });
  }

  /** Tells what was clicked in a chart, and shows its packet. */
  pointed(point, payload) {
    const before = this.#clicked?.payload === payload ? this.#clicked.point : null;
    this.#clicked = { point, payload };
    this.#tell(point, before);
    if (point.frame) this.#look({ frame: point.frame, x: point.x });
  }

  /** Shows a packet that was chosen in the list. */
  #pick(frame, x) {
    this.#clicked = null;
    this.#tell({ frame: Number(frame) }, null);
    this.#look({ frame: Number(frame), x });
  }

  #tell(point, before) {
    byId('clicked').replaceChildren(...clickedLine(point, before, {
      show: () => byId('packets').scrollIntoView({ block: 'start' }),
      close: () => this.#forget(),
    }));
  }

  /** Marks a packet in the list and in the charts, and decodes it below. */
  #look(packet) {
    const { signal } = this.#stop;
    this.#picked = packet;
    this.#link?.pick(packet);
    this.#work(async () => {
      await this.#packets?.mark('frame', packet.frame);
      await this.#answerIn('packet', views.packet(packet.frame), signal);
      return true;
    });
  }

  /** Takes the mark off the packet that is looked at. */
  #forget() {
    this.#clicked = this.#picked = null;
    this.#link?.pick(null);
    this.#packets?.mark('frame', 0);
    for (const place of ['clicked', 'packet']) byId(place).replaceChildren();
    this.#answers.filter((a) => a.place === 'packet').forEach((a) => a.remove());
  }
}
