// Rows of a table of any length: only those in sight are in the document, and they are fetched by windows.

import { el } from './dom.js';

/** How many rows are fetched at once. */
const WINDOW = 200;
/** How many rows beyond those in sight are drawn. */
const MARGIN = 10;

/**
 * Rows keeps the body of a table filled. options:
 *   scroller  the element that scrolls
 *   body      the tbody, which holds nothing else
 *   height    of one row in px; 'all' rows are drawn when there are few, and may then be of any height
 *   few       up to how many rows are drawn at once
 *   columns   how many columns a row spans
 *   fetch     (from, count) → promise of {total, from, rows, ids, open}
 *   draw      (cells, {index, id, open}) → tr
 *   open      ({index, id, open}, tr) is called when a row is clicked or Enter is pressed on it
 */
export class Rows {
  #o;
  #cache = new Map(); // index → {cells, id, open}
  #asked = new Set(); // windows under way
  #era = 0; // answers to earlier orders are dropped
  #drawn = [-1, -1];
  #active = 0; // the row that Tab comes to
  total = 0;

  constructor(options) {
    this.#o = options;
    const { scroller, body } = options;
    scroller.addEventListener('scroll', () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#draw()).observe(scroller);
    body.addEventListener('click', (e) => {
      if (e.target.closest('button, a') || String(getSelection()) !== '') return;
      this.#chosen(e.target.closest('tr[data-index]'));
    });
    body.addEventListener('keydown', (e) => this.#key(e));
    body.addEventListener('focusin', (e) => this.#activate(e.target.closest('tr[data-index]')));
  }

  /** Takes the rows that came with the table's head. */
  start(part) {
    this.#forget();
    this.#take(part);
    this.#draw(true);
  }

  /** Fetches anew, after the order or the filter changed. Resolves when the first rows are drawn. */
  async refresh() {
    this.#forget();
    const era = this.#era;
    const part = await this.#o.fetch(0, WINDOW);
    if (era !== this.#era) return;
    this.#take(part);
    this.#o.scroller.scrollTop = 0;
    this.#draw(true);
  }

  /** Fetches the first rows again, which have changed. */
  async renew() {
    const era = this.#era;
    const part = await this.#o.fetch(0, WINDOW);
    if (era !== this.#era) return;
    this.#take(part);
    this.#draw(true);
  }

  /** Draws again what is in sight, after something that rows show changed. */
  redraw() { this.#draw(true); }

  /** Focuses a row, by default the one that was last focused. */
  focus(index = this.#active) {
    index = Math.max(0, Math.min(this.total - 1, index));
    this.#active = index;
    this.reveal(index);
    this.#row(index)?.focus({ preventScroll: true });
  }

  /** What is known of a row, or undefined. */
  get(index) { return this.#cache.get(index); }

  #forget() {
    this.#era++;
    this.#cache.clear();
    this.#asked.clear();
    this.#active = 0;
  }

  #take(part) {
    this.total = part.total;
    part.rows.forEach((cells, i) => {
      const index = part.from + i;
      this.#cache.set(index, { index, cells, id: part.ids[i], open: part.open?.[i] });
    });
  }

  get #all() { return this.total <= this.#o.few; }

  /** The first and the last but one row that should be in the document. */
  #range() {
    if (this.#all) return [0, this.total];
    const { scroller, body, height } = this.#o;
    const top = scroller.scrollTop - body.offsetTop;
    const from = Math.max(0, Math.floor(top / height) - MARGIN);
    const count = Math.ceil((scroller.clientHeight || 600) / height) + 2 * MARGIN;
    return [Math.min(from, Math.max(0, this.total - count)), Math.min(this.total, from + count)];
  }

  #draw(force = false) {
    const [from, to] = this.#range();
    if (!force && from === this.#drawn[0] && to === this.#drawn[1]) return;
    this.#drawn = [from, to];
    const focused = this.#o.body.contains(document.activeElement) ? document.activeElement.closest('tr')?.dataset.index : undefined;
    const rows = [this.#space(from)];
    for (let i = from; i < to; i++) rows.push(this.#make(i));
    rows.push(this.#space(this.total - to));
    this.#o.body.replaceChildren(...rows.filter(Boolean));
    if (focused !== undefined) this.#row(Number(focused))?.focus({ preventScroll: true });
    this.#want(from, to);
  }

  #make(index) {
    const known = this.#cache.get(index);
    const tr = known ? this.#o.draw(known.cells, known) : el('tr', {}, el('td', { colspan: this.#o.columns }, '…'));
    tr.dataset.index = index;
    tr.setAttribute('aria-rowindex', index + 2); // the head is the first
    tr.tabIndex = index === this.#active ? 0 : -1;
    return tr;
  }

  #space(rows) {
    if (rows <= 0) return null;
    const td = el('td', { colspan: this.#o.columns });
    td.style.height = `${rows * this.#o.height}px`;
    return el('tr', { class: 'space', 'aria-hidden': 'true' }, td);
  }

  #want(from, to) {
    for (let at = from - (from % WINDOW); at < to; at += WINDOW) {
      const end = Math.min(at + WINDOW, this.total);
      let missing = false;
      for (let i = Math.max(at, from); i < Math.min(end, to); i++) missing ||= !this.#cache.has(i);
      if (missing && !this.#asked.has(at)) this.#fetch(at);
    }
  }

  async #fetch(at) {
    const era = this.#era;
    this.#asked.add(at);
    try {
      const part = await this.#o.fetch(at, WINDOW);
      if (era !== this.#era) return;
      this.#take(part);
      this.#draw(true);
    } finally {
      if (era === this.#era) this.#asked.delete(at);
    }
  }

  #row(index) { return this.#o.body.querySelector(`tr[data-index="${index}"]`); }

  #activate(tr) {
    if (!tr) return;
    this.#row(this.#active)?.setAttribute('tabindex', -1);
    this.#active = Number(tr.dataset.index);
    tr.tabIndex = 0;
  }

  #chosen(tr) {
    if (!tr) return;
    this.#activate(tr);
    const known = this.#cache.get(this.#active);
    if (known) this.#o.open?.(known, tr);
  }

  #key(e) {
    const page = Math.max(1, Math.floor(this.#o.scroller.clientHeight / this.#o.height) - 1);
    const to = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[e.key];
    if (to !== undefined && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      this.focus(this.#active + to);
    } else if ((e.key === 'Enter' || e.key === ' ') && e.target.matches('tr')) {
      e.preventDefault();
      this.#chosen(e.target);
    }
  }

  /** Scrolls a row into sight. */
  reveal(index) {
    if (this.#all) {
      this.#row(index)?.scrollIntoView({ block: 'nearest' });
      return;
    }
    const { scroller, body, height } = this.#o;
    const head = body.offsetTop;
    const top = head + index * height;
    if (top - head < scroller.scrollTop) scroller.scrollTop = top - head;
    else if (top + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height - scroller.clientHeight;
    this.#draw();
  }
}
