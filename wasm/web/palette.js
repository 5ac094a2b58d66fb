// The palette: everything that can be done or looked at, found by typing a part of its name. Commands and types of charts
// come from the language's own list, connections from the capture.

import { byId, el } from './dom.js';
import { Listbox } from './listbox.js';
import * as views from './views.js';
import { words } from './words.js';

/** How many entries are shown. */
const MOST = 100;

export class Palette {
  #engine;
  #dialog = byId('palette');
  #field = byId('palette-field');
  #list;
  #offers;
  #fixed = []; // the entries that typing chooses from
  #found = [];
  #connections = { wanted: null, entries: [] }; // what was found last, and by which text
  #asked = 0;
  #moved = false; // the active entry was chosen by the arrows

  /**
   * offers gives what the page knows: actions, captures() → names, samples() → {title, story, act}, connection() → the id that is
   * shown, connections(text, count, wanted()) → promise of rows {id, text, act}, run(line), edit(line), reopen(name).
   */
  constructor(engine, offers) {
    this.#engine = engine;
    this.#offers = offers;
    this.#list = new Listbox(this.#field, byId('palette-list'), (index) => this.#take(index));
    this.#field.placeholder = words.palettePlaceholder;
    this.#field.addEventListener('input', () => {
      this.#moved = false;
      this.#search();
    });
    this.#field.addEventListener('keydown', (e) => this.#key(e));
    this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
  }

  /** Opens the palette. */
  async open() {
    if (this.#dialog.open) return;
    this.#field.value = '';
    this.#fixed = this.#own();
    this.#connections.wanted = null;
    this.#moved = false;
    this.#dialog.showModal();
    await this.#search();
    const [commands, plots] = await Promise.all([
      this.#engine.ask({ do: 'commands' }),
      this.#engine.ask({ do: 'complete', line: views.plots, cursor: views.plots.length }),
    ]);
    const charts = plots.items.filter((item) => item.type === 'value').map((item) => this.#chart(item));
    this.#fixed = [...this.#own(), ...charts, ...commands.commands.map((c) => this.#command(c))];
    await this.#search();
  }

  #own() {
    const { actions, captures, reopen, samples } = this.#offers;
    return [
      ...actions.filter((a) => a.key !== 'Ctrl-K' && (!a.when || a.when())).map(({ name, key, act }) => ({ kind: words.kinds.action, text: name, key, act })),
      ...captures().map((name) => ({ kind: words.kinds.capture, text: name, act: () => reopen(name) })),
      ...samples().map(({ title, story, act }) => ({ kind: words.kinds.sample, text: title, title: story, act })),
    ];
  }

  #chart({ text, doc }) {
    const id = this.#offers.connection();
    const line = `${views.plots}${text}${id === undefined ? '' : ` ${id}`}`;
    return { kind: words.kinds.chart, code: line, text: doc, act: () => this.#offers.run(line) };
  }

  /** A command that needs no word is run; another is put into the prompt. */
  #command({ name, summary, usage, alone }) {
    const act = alone ? () => this.#offers.run(name) : () => this.#offers.edit(`${name} `);
    return { kind: words.kinds.command, code: name, text: summary, title: usage, act };
  }

  async #search() {
    const asked = ++this.#asked;
    const wanted = this.#field.value.trim().toLowerCase();
    this.#tell(wanted);
    const rows = await this.#offers.connections(wanted, 8, () => asked === this.#asked && this.#dialog.open);
    if (asked !== this.#asked) return;
    const entries = rows.map((row) => ({ kind: words.kinds.connection, code: row.id, text: row.text, act: row.act }));
    this.#connections = { wanted, entries };
    this.#tell(wanted);
  }

  /** Shows what matches, with the connections where they have been found. */
  #tell(wanted) {
    const connections = this.#connections.wanted === wanted ? this.#connections.entries : [];
    this.#show(wanted ? [...this.#matches(wanted), ...connections] : [...connections, ...this.#matches(wanted)]);
  }

  /** The entries in which every word that was typed occurs; those that begin with it first. */
  #matches(wanted) {
    const all = this.#fixed.map((entry) => ({ entry, said: `${entry.code ?? ''} ${entry.text} ${entry.kind}`.trim().toLowerCase() }));
    const found = all.filter(({ said }) => wanted.split(/\s+/).every((word) => said.includes(word)));
    const rank = ({ said }) => (said.startsWith(wanted) ? 0 : said.includes(` ${wanted}`) ? 1 : 2);
    return found.sort((a, b) => rank(a) - rank(b)).map(({ entry }) => entry);
  }

  #show(entries) {
    const active = this.#moved && this.#found[this.#list.active];
    this.#found = entries.slice(0, MOST);
    this.#list.show(this.#found.map(({ kind, code, text, key, title }) => [
      el('span', { class: 'palette-kind muted' }, kind),
      el('span', { title }, code && el('code', {}, code), code && ' ', text),
      key && el('kbd', {}, key),
    ]), Math.max(0, this.#found.findIndex((entry) => active && same(entry, active))));
    byId('palette-none').hidden = this.#found.length > 0;
  }

  #key(e) {
    const move = (step) => {
      this.#moved = true;
      this.#list.move(step);
    };
    const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => this.#take(this.#list.active) }[e.key];
    if (!act || e.isComposing) return;
    e.preventDefault();
    act();
  }

  #take(index) {
    const entry = this.#found[index];
    if (!entry) return;
    this.#dialog.close();
    entry.act();
  }
}

/** Whether two entries say the same. */
const same = (a, b) => a.kind === b.kind && a.code === b.code && a.text === b.text;
