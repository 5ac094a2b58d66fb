// One answer: the command that makes it, and its blocks as they come.

import { announce, button, copy, download, el, unbroken } from './dom.js';
import { makeChart, saveChart } from './chart.js';
import { makeTable } from './table.js';
import { words } from './words.js';

/** After how long an answer can be stopped, in ms: a button for less would flash by. */
const PATIENCE = 400;

export class Answer {
  #engine;
  #handles = [];
  #ends = []; // functions that undo what blocks hold
  #blocks = el('div', { class: 'blocks' });
  #tools = el('span', { class: 'tools' });
  #progress = null;
  #failed = false;
  #shown = false; // something else than notes came
  #noted = false;
  #saves = false; // a table is saved beside the command
  #gone = false;
  #stopper; // the button that stops it, or the timer that shows it
  #charts; // what its charts are linked to
  #open; // what a row that is opened does
  #table = null; // the first one
  line;
  element;

  /**
   * run(line) is called for commands that the answer offers; edit(line) puts one into the prompt; link and onPoint are for
   * its charts; onRow(row) is told of a row that is opened, instead of running its command; stop() ends the command.
   */
  constructor(engine, line, { run, edit, removable = false, link, onPoint, onRow, stop }) {
    this.#engine = engine;
    this.line = line;
    this.#charts = { link, onPoint };
    this.#open = onRow ?? ((row) => run(row.open));
    const command = button(`› ${line}`, words.again, () => edit(line));
    command.className = 'command';
    this.#tools.append(copier(line));
    if (stop) this.#stopper = setTimeout(() => this.#tools.prepend(this.#stopper = button(words.stop, words.stopTitle, stop)), PATIENCE);
    if (removable) this.#tools.append(button(words.remove, words.removeTitle, () => this.remove()));
    this.element = el('section', { class: 'answer', 'aria-label': line, 'aria-busy': 'true' },
      el('header', {}, command, this.#tools), this.#blocks);
  }

  /** Whether an error came. */
  get failed() { return this.#failed; }

  /** Whether nothing came but charts without a mark and notes that say why. */
  get blank() { return !this.#shown && !this.#failed; }

  /** Whether a note came. */
  get noted() { return this.#noted; }

  /** Goes to a row of its table. */
  focus() { this.#table?.focus(); }

  /** Marks a row of its table by a number in a column; see makeTable. */
  async mark(key, number) {
    try {
      return await this.#table?.mark(key, number) ?? null;
    } catch (e) {
      if (!this.#gone) throw e;
      return null; // another answer has its place
    }
  }

  /** Whether it was removed. */
  get gone() { return this.#gone; }

  /** Adds a block, from its event. */
  add(event, data) {
    const add = this[`_${event.event}`];
    if (add) add.call(this, event, data);
  }

  /** The answer is whole. */
  end() {
    this.#progress?.remove();
    clearTimeout(this.#stopper);
    this.#stopper?.remove?.();
    this.element.setAttribute('aria-busy', 'false');
    if (!this.#blocks.childElementCount) this.#blocks.append(el('p', { class: 'muted' }, words.done));
  }

  remove() {
    this.#gone = true;
    this.#ends.forEach((end) => end());
    this.#engine.release(this.#handles);
    this.element.remove();
  }

  _text({ title, body, pre }) {
    this.#shown = true;
    if (title) this.#blocks.append(el('h3', {}, title));
    this.#blocks.append(el(pre ? 'pre' : 'p', { class: pre ? 'pre' : 'text' }, pre ? body : unbroken(body)));
  }

  _note({ body, caution }) {
    this.#noted = true;
    this.#blocks.append(note(body, caution));
  }

  _table(event) {
    this.#shown = true;
    this.#handles.push(event.handle);
    const head = caption(event);
    const table = makeTable(event, (r) => this.#engine.ask(r), this.#open);
    this.#table ??= table;
    const figure = el('figure', { class: 'block' }, head, table.element);
    if (event.total > 0) {
      this.#save(['csv', 'json'], event.name || 'table', (name) => this.#deliver({ do: 'save', handle: event.handle, name }), head);
    }
    this.#blocks.append(figure);
  }

  _chart(event) {
    if (event.payload.series?.length) this.#shown = true;
    this.#handles.push(event.handle);
    const chart = makeChart(event, (r) => this.#engine.ask(r), this.#charts);
    this.#ends.push(chart.end);
    this.#blocks.append(chart.element);
    chart.draw();
    const name = event.command.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'chart';
    this.#points(chart, event);
    this.#save(['csv', 'json'], name, (file) => this.#deliver({ do: 'save', handle: event.handle, name: file }));
    this.#save(['png', 'svg'], name, async (file) => saveChart(chart, file));
  }

  _file({ name, type, chart }, data) {
    if (chart) this.#drawFile(name, chart);
    else download(name, data, type);
    this.#blocks.append(el('p', { class: 'muted' }, words.saved(name)));
  }

  _progress({ task, done, total, note: more, end }) {
    this.#progress?.remove();
    this.#progress = end ? null : el('p', { class: 'muted' }, [task, words.of(done, total), more].filter(Boolean).join(' · '));
    if (this.#progress) this.#blocks.append(this.#progress);
  }

  _error(event) {
    this.#failed = true;
    this.#blocks.append(event.cancelled ? el('p', { class: 'muted' }, words.stopped) : errorBlock(event));
    announce(event.cancelled ? words.stopped : event.message);
  }

  /** Adds a button that shows what is drawn as a table, for those who cannot see it. */
  #points(chart, { handle }) {
    let table = null;
    const toggle = button(words.table, words.tableTitle, async () => {
      if (!table) {
        const event = await this.#engine.ask({ do: 'points', handle });
        this.#handles.push(event.handle);
        table = el('figure', { class: 'block', hidden: true }, caption(event), makeTable(event, (r) => this.#engine.ask(r), this.#open).element);
        chart.element.after(table);
      }
      table.hidden = !table.hidden;
      toggle.setAttribute('aria-pressed', String(!table.hidden));
    });
    toggle.setAttribute('aria-pressed', 'false');
    this.#tools.querySelector('.copy').before(toggle);
  }

  /** Adds buttons that save what is shown: of the first table beside the command, of a further one to its head. */
  #save(formats, name, deliver, head) {
    const save = (format) => deliver(`${name}.${format}`).catch((e) => this._error(e.event ?? { message: e.message }));
    const buttons = formats.map((format) => button(words.save[format], words.saveTitle(words.save[format]), () => save(format)));
    if (this.#saves && head) head.append(el('span', { class: 'tools' }, ...buttons));
    else this.#tools.querySelector('.copy').before(...buttons);
    if (head) this.#saves = true;
  }

  async #deliver(request) {
    const { name, type, data } = await this.#engine.ask(request);
    download(name, data, type);
  }

  /** Draws a chart out of sight, to save it. */
  #drawFile(name, event) {
    const chart = makeChart(event, (r) => this.#engine.ask(r));
    const stage = el('div', { class: 'stage' }, chart.element);
    document.body.append(stage);
    try {
      chart.draw();
      saveChart(chart, name);
    } finally {
      chart.end();
      stage.remove();
      this.#engine.release([event.handle]);
    }
  }
}

/** What a table is, and of which capture. */
function caption({ title, source }) {
  return title && el('figcaption', {}, el('b', {}, title), source && el('span', { class: 'muted' }, ` · ${source}`));
}

/** A remark; a caution has its word, not only a colour. */
export function note(body, caution) {
  return el('p', { class: caution ? 'note caution' : 'note' }, el('b', {}, caution ? words.caution : words.note, ': '), unbroken(body));
}

/** What is wrong, where in the line, and what would be right. */
export function errorBlock({ message, suggestion, usage, text = '', start, end }) {
  return el('div', { class: 'error' },
    el('p', {}, el('b', {}, words.error, ': '), message, suggestion ? `: ${suggestion}` : ''),
    text && end > start && el('pre', { class: 'pre' }, text.slice(0, start), el('mark', {}, text.slice(start, end)), text.slice(end)),
    usage && el('p', { class: 'muted' }, words.usage, ': ', el('code', {}, usage)));
}

/** A button that copies a line. */
export function copier(line) {
  const b = button(words.copy, words.copyTitle, () => copy(line, b));
  b.classList.add('copy');
  return b;
}
