// The list of connections: the overview's table, with what matters of a connection on three lines, a life line in the last.

import { byId, count, el } from './dom.js';
import { Rows } from './rows.js';
import { markSorted, subflowClass } from './table.js';
import { words } from './words.js';

/** Height of a row in px, as in style.css. */
const HEIGHT = 72;
/** How long typing pauses before the filter is used, in ms. */
const PAUSE = 120;
/** How many subflow chips a row shows. */
const CHIPS = 8;
/** The heads that are shown, by the columns' stable keys; a row's ends and verdict go through under all of them. */
const HEADS = ['mptcpstream', 'verdict', 'data_to_server', 'data_to_client', 'duration'];

/** How the list is before anybody sorts or filters. */
const ALL = { sort: '', descending: false, filter: '', verdict: '' };

export class Connections {
  #engine;
  #select;
  #table = document.querySelector('[data-testid=connections]');
  #rows = null;
  #event = null;
  #state = { ...ALL };
  #chosen = null; // the id of the row that is shown
  #at = 0; // where it stands
  partial = false; // it is of a capture that is still being read

  /** select(cells, row, window) is called when a row is chosen; cells are by the columns' keys. */
  constructor(engine, select) {
    this.#engine = engine;
    this.#select = select;
    const filter = byId('filter');
    let pause;
    filter.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        this.#state.filter = filter.value.trim();
        this.#refresh();
      }, PAUSE);
    });
    filter.addEventListener('keydown', (e) => {
      if (e.key === 'ArrowDown' || e.key === 'Enter') {
        e.preventDefault();
        this.focus();
      }
    });
  }

  /** Shows the overview's table. Resolves when its first rows tell everything. */
  show(event) {
    this.clear();
    this.#event = event;
    byId('list-command').textContent = event.command;
    byId('filter').hidden = event.total < 2;
    this.#frame();
    this.#rows = new Rows({
      scroller: byId('list-rows'), body: this.#table.tBodies[0], height: HEIGHT, few: 100, columns: HEADS.length,
      fetch: (from, count) => this.#engine.ask({ do: 'table', handle: event.handle, from, count, ...this.#state }),
      draw: (cells, row) => this.#draw(this.#named(cells), row),
      open: (row) => this.#choose(row),
    });
    this.#rows.start(event);
    this.#count();
    return this.#conclude().catch(() => {}); // the session has gone
  }

  /** Fills in the verdicts, which take a look at all packets. */
  async #conclude() {
    await this.#rows?.renew();
    this.#tally().catch(() => {});
  }

  /** Shows the first connections of a capture that is still being read: nothing of them can be chosen yet. */
  preview(event) {
    const { scrollTop } = byId('list-rows');
    if (!this.partial) this.clear();
    this.partial = true;
    this.#event = event;
    byId('list-command').textContent = '';
    byId('filter').hidden = true;
    this.#frame();
    this.#table.tBodies[0].append(...event.rows.map((cells) => this.#draw(this.#named(cells), {})));
    byId('list-rows').scrollTop = scrollTop;
    byId('list-title').textContent = words.connections(count(event.rows.length), count(event.total));
  }

  /** Makes the table anew, with its head and no rows. */
  #frame() {
    const { total } = this.#event;
    const heads = HEADS.map((key) => this.#head(key)).filter(Boolean);
    this.#table.replaceChildren(el('thead', {}, el('tr', {}, ...heads)), el('tbody'));
    this.#table.setAttribute('aria-rowcount', total + 1);
    this.#table.hidden = byId('verdicts').hidden = total === 0;
    this.#table.style.setProperty('--id', `${Math.max(3, String(total).length + 1)}ch`);
  }

  /** Chooses a connection by its id, or the first one, at a window of it. Tells whether it is the one that was wanted. */
  async choose(id, w) {
    const event = this.#event;
    let row = this.#rows.get(Number(id ?? 0));
    if (!row && /^\d{1,9}$/.test(id)) {
      const part = await this.#engine.ask({ do: 'table', handle: event.handle, from: Number(id), count: 1 });
      if (event !== this.#event) return true; // it was of a capture that is not shown any more
      if (part.rows.length) row = { index: Number(id), cells: part.rows[0], id: part.ids[0], open: part.open?.[0] };
    }
    const right = row && (!id || this.#named(row.cells).mptcpstream?.t === id);
    if (!right) [row, w] = [this.#rows.get(0), null];
    if (row) this.#choose(row, w);
    return right;
  }

  /** Chooses the connection so many rows further. */
  step(by) {
    const row = this.#rows?.get(this.#at + by);
    if (!row) return;
    this.#choose(row);
    this.#rows.reveal(row.index);
  }

  /** Finds connections by a text, as long as they are wanted: rows {id, text, act}. */
  async find(text, most, wanted) {
    const event = this.#event;
    if (!event || this.partial) return [];
    let part;
    do part = await this.#engine.ask({ do: 'table', handle: event.handle, count: most, filter: text });
    while (part.more && part.rows.length < most && wanted());
    if (event !== this.#event) return []; // the list is of another capture by now
    return part.rows.map((cells, i) => {
      const c = this.#named(cells);
      const row = { index: part.from + i, cells, id: part.ids[i], open: part.open?.[i] };
      return { id: c.mptcpstream?.t, text: `${ends(c)} · ${c.verdict?.t ?? ''}`, act: () => this.#choose(row) };
    });
  }

  /** Forgets the table. */
  clear() {
    if (this.#event?.handle) this.#engine.release([this.#event.handle]);
    this.#event = this.#rows = this.#chosen = null;
    this.#state = { ...ALL };
    this.partial = false;
    byId('filter').value = '';
    byId('verdicts').replaceChildren();
    this.#table.removeAttribute('aria-busy');
    this.#table.replaceChildren();
  }

  focus() { this.#rows?.focus(); }

  #named(cells) {
    return Object.fromEntries(this.#event.columns.map((c, i) => [c.key, cells[i]]));
  }

  #head(key) {
    const column = this.#event.columns.find((c) => c.key === key);
    if (!column) return null;
    const sort = async () => {
      const s = this.#state;
      if (s.sort !== key) Object.assign(s, { sort: key, descending: false });
      else if (!s.descending) s.descending = true;
      else Object.assign(s, { sort: '', descending: false });
      markSorted(this.#table.tHead.rows[0].cells, s);
      await this.#refresh();
    };
    return el('th', { scope: 'col', role: 'columnheader', class: `c-${key}`, 'data-key': key, title: column.doc },
      el('button', { type: 'button', onclick: sort, disabled: this.partial }, column.head));
  }

  /** Fetches anew, after the order or the filter changed. */
  async #refresh() {
    const rows = this.#rows;
    const shown = () => rows === this.#rows; // else the list is of another capture by now
    this.#table.setAttribute('aria-busy', 'true');
    try {
      if (await rows?.refresh(() => { if (shown()) this.#count(); }) && shown()) this.#table.removeAttribute('aria-busy');
    } catch (e) {
      if (shown()) throw e;
    }
  }

  /** Says how many connections came to what, which takes a while where there are many. */
  async #tally() {
    const event = this.#event;
    if (!event) return;
    const { items } = await this.#engine.ask({ do: 'tally', handle: event.handle });
    await this.#rows?.released;
    if (event !== this.#event) return;
    this.#verdicts(items);
  }

  /** Shows the verdicts with their counts; each keeps the connections that came to it. */
  #verdicts(items) {
    byId('verdicts').replaceChildren(...items.map(({ text, count: n }, i) => {
      const choose = async () => {
        this.#state.verdict = this.#state.verdict === text ? '' : text;
        this.#verdicts(items);
        byId('verdicts').children[i].focus();
        await this.#refresh();
      };
      return el('button', { type: 'button', title: words.onlyThese(text), 'aria-pressed': String(this.#state.verdict === text), disabled: items.length < 2, onclick: choose },
        verdict(text), el('b', {}, count(n)));
    }));
  }

  /** Says how many rows the filter leaves. */
  #count() {
    const all = this.#event.total;
    const shown = this.#rows.total;
    byId('list-title').textContent = words.connections(count(shown), count(all));
    if (shown === 0 && all > 0) this.#table.tBodies[0].replaceChildren(el('tr', { class: 'none' }, el('td', {}, words.noMatch)));
  }

  #choose(row, w = null) {
    this.#chosen = row.id;
    this.#at = row.index;
    this.#rows.redraw();
    this.#select(this.#named(row.cells), row, w);
  }

  #draw(c, { id, open }) {
    const cell = (key, role, ...children) => el('td', { class: `c-${key}`, role: 'cell', title: c[key]?.x }, ...(children.length ? children : [c[key]?.t ?? '–']));
    return el('tr', { role: 'row', 'aria-selected': id === this.#chosen ? 'true' : 'false', title: open },
      cell('mptcpstream'),
      el('td', { class: 'c-ends', role: 'cell', title: ends(c) }, ends(c)),
      el('td', { class: 'c-verdict', role: 'cell' }, verdict(c.verdict?.t), chips(c.subflows)),
      cell('data_to_server'), cell('data_to_client'), cell('duration'),
      el('td', { class: 'c-life', role: 'cell' }, this.#life(c)));
  }

  /** When the connection lived, over the whole capture. */
  #life({ start, duration }) {
    const whole = Number(this.#event.span);
    const line = el('span', { class: 'life', role: 'img', 'aria-label': words.lifeline(start?.t ?? '0', duration?.t ?? '0') });
    if (whole > 0 && start && duration) {
      line.style.setProperty('--from', nanoseconds(start) / whole);
      line.style.setProperty('--long', nanoseconds(duration) / whole);
    }
    return line;
  }
}

/** The span that a cell stands for, in ns: cells of time carry seconds. */
const nanoseconds = (cell) => Number(cell.v ?? cell.t) * 1e9;

/** Where a connection comes from and goes to. */
const ends = ({ client, server }) => `${client?.t ?? '?'} → ${server?.t ?? '?'}`;

/** A short verdict with a sign, so that its colour is not all that tells. */
function verdict(text) {
  if (!text) return el('span', { class: 'muted' }, '…');
  const [sign, look] = text === 'MPTCP' ? ['●', 'good'] : text.startsWith('MPTCP') ? ['●', 'muted'] : ['▲', 'warning'];
  return el('span', { class: look, title: text }, `${sign} ${text}`);
}

/** A chip for each subflow, in its colour. */
function chips(cell) {
  const n = Number(cell?.v ?? cell?.t ?? 0);
  const shown = Math.min(n, CHIPS);
  return el('span', { class: 'chips', role: 'img', 'aria-label': words.subflows(String(n)), title: words.subflows(String(n)) },
    ...Array.from({ length: shown }, (_, i) => el('i', { class: subflowClass(i) })),
    n > shown && `+${n - shown}`);
}
