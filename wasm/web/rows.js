// Rows of a table of any length: only those in sight are in the document, and they are fetched by windows.

import { el } from './dom.js';

/** How many rows are fetched at once. */
const WINDOW = 200;
/** How many rows beyond those in sight are drawn. */
const MARGIN = 10;
/** How high browsers let an element be, in px: more rows than fit are scrolled through in longer steps. */
const TALLEST = 15e6;

/**
 * Rows keeps the body of a table filled. options:
 *   scroller  the element that scrolls
 *   body      the tbody, which holds nothing else
 *   height    of one row in px; 'all' rows are drawn when there are few, and may then be of any height
 *   few       up to how many rows are drawn at once
 *   columns   how many columns a row spans
 *   fetch     (from, count) → promise of {total, from, rows, ids, open, more}: with more, total is what was found so far,
 *             and asking again has the search go on
 *   draw      (cells, {index, id, open}) → tr
 *   open      ({index, id, open}, tr) is called when a row is clicked or Enter is pressed on it
 */
export class Rows {
  #o;
  #cache = new Map(); // index → {cells, id, open}
  #asked = new Set(); // windows under way
  #era = 0; // answers to earlier orders are dropped
  #waiting = false; // rows of another order are to come, and those of the one before still stand there
  #made = new Map(); // index → {tr, known} of the rows in the document
  #released = Promise.resolve(); // no row is pressed: the one that is must be there, and in its place, when it is let go
  #drawn = '';
  #active = 0; // the row that Tab comes to
  total = 0;

  constructor(options) {
    this.#o = options;
    const { scroller, body } = options;
    scroller.addEventListener('scroll', () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#draw()).observe(scroller);
    body.addEventListener('pointerdown', () => { this.#released = release(); });
    body.addEventListener('click', (e) => {
      if (e.target.closest('button, a') || String(getSelection()) !== '') return;
      this.#chosen(e.target.closest('tr[data-index]'));
    });
    body.addEventListener('keydown', (e) => this.#key(e));
    body.addEventListener('focusin', (e) => this.#activate(e.target.closest('tr[data-index]')));
  }

  /** Takes the rows that came with the table's head. */
  start(part) {
    this.#era++;
    this.#forget();
    this.#take(part);
    this.#draw(true);
  }

  /**
   * Fetches anew, after the order or the filter changed; rows are drawn as they are found. Resolves to whether all were, false
   * when others were wanted meanwhile. found() is called whenever more are.
   */
  async refresh(found) {
    const era = ++this.#era;
    this.#waiting = true;
    for (let fresh = true; ;) {
      const part = await this.#o.fetch(0, !fresh && this.#cache.size >= WINDOW ? 0 : WINDOW);
      await this.#released;
      if (era !== this.#era) return false;
      if (!part.more || part.rows.length) {
        if (fresh) this.#forget();
        this.#waiting = false;
        this.#take(part);
        if (fresh) this.#o.scroller.scrollTop = 0;
        this.#draw(true);
        fresh = false;
        found?.();
      }
      if (!part.more) return true;
    }
  }

  /** Fetches the first rows again, some of which have changed. */
  async renew() {
    const era = this.#era;
    const part = await this.#o.fetch(0, WINDOW);
    await this.#released;
    if (era !== this.#era) return;
    this.#take(part);
    this.#draw(true);
  }

  /** Draws again what is in sight, after something that rows show changed. */
  redraw() {
    this.#made.clear();
    this.#draw(true);
  }

  /** Focuses a row, by default the one that was last focused. */
  focus(index = this.#active) {
    index = Math.max(0, Math.min(this.total - 1, index));
    this.#active = index;
    this.reveal(index);
    const row = this.#row(index);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' }); // of what is around the scroller
  }

  /** Scrolls a row into sight, which Tab then comes to. */
  activate(index) {
    this.#active = index;
    this.reveal(index);
  }

  /** Resolves when no row is pressed: what stands above the rows must not push them away from under the pointer. */
  get released() { return this.#released; }

  /** What is known of a row, or undefined. */
  get(index) { return this.#cache.get(index); }

  /** The cells of a row, fetched if need be. */
  async row(index) { return this.#cache.get(index)?.cells ?? (await this.#o.fetch(index, 1)).rows[0]; }

  #forget() {
    this.#cache.clear();
    this.#made.clear();
    this.#asked.clear();
    this.#active = 0;
  }

  #take(part) {
    this.total = part.total;
    part.rows.forEach((cells, i) => {
      const known = { index: part.from + i, cells, id: part.ids[i], open: part.open?.[i] };
      if (!same(known, this.#cache.get(known.index))) this.#cache.set(known.index, known);
    });
  }

  get #all() { return this.total <= this.#o.few; }

  /** How high the rows are together, how high they may be, and how much of them is in sight, in px. */
  get #extent() {
    const { scroller, body, height } = this.#o;
    const full = this.total * height;
    const view = Math.max((scroller.clientHeight || 600) - body.offsetTop, height);
    return { full, tall: Math.min(full, TALLEST), view };
  }

  /** The first and the last but one row that should be in the document, and the px above them. */
  #range() {
    if (this.#all) return { from: 0, to: this.total, above: 0 };
    const { scroller, height } = this.#o;
    const { full, tall, view } = this.#extent;
    const top = Math.min(scroller.scrollTop, Math.max(tall - view, 0));
    const at = full > tall ? (top * (full - view)) / (tall - view) : top; // where in the rows that is
    const count = Math.ceil(view / height) + 2 * MARGIN;
    const from = Math.max(0, Math.min(Math.floor(at / height) - MARGIN, this.total - count), Math.ceil((at - top) / height));
    const above = top + from * height - at;
    return { from, to: Math.min(this.total, from + count, from + Math.ceil((tall - above) / height)), above };
  }

  #draw(force = false) {
    const { from, to, above } = this.#range();
    const drawn = `${from} ${to} ${above}`;
    if (!force && drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = this.#o.body.contains(document.activeElement) ? document.activeElement.closest('tr')?.dataset.index : undefined;
    const rows = [this.#space(above)];
    this.#made = new Map(Array.from({ length: to - from }, (_, i) => [from + i, this.#made.get(from + i)]));
    for (let i = from; i < to; i++) rows.push(this.#make(i));
    if (to < this.total) rows.push(this.#space(this.#extent.tall - above - (to - from) * this.#o.height));
    this.#o.body.replaceChildren(...rows.filter(Boolean));
    if (focused !== undefined) this.#row(Number(focused))?.focus({ preventScroll: true });
    this.#want(from, to);
  }

  #make(index) {
    const known = this.#cache.get(index);
    const made = this.#made.get(index);
    if (made && made.known === known) return made.tr;
    const tr = known ? this.#o.draw(known.cells, known) : el('tr', {}, el('td', { colspan: this.#o.columns }, '…'));
    tr.dataset.index = index;
    tr.setAttribute('aria-rowindex', index + 2); // the head is the first
    tr.tabIndex = index === this.#active ? 0 : -1;
    this.#made.set(index, { tr, known });
    return tr;
  }

  #space(px) {
    if (px <= 0) return null;
    const td = el('td', { colspan: this.#o.columns });
    td.style.height = `${px}px`;
    return el('tr', { class: 'space', 'aria-hidden': 'true' }, td);
  }

  #want(from, to) {
    if (this.#waiting) return;
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
      await this.#released;
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

  /** Scrolls a row into sight, in its scroller; what is around that stays. One far away comes into the middle. */
  reveal(index) {
    const { scroller, body, height } = this.#o;
    if (this.#all) {
      const row = this.#row(index);
      if (row) scroller.scrollTop = nearest(scroller.scrollTop, row.offsetTop - body.offsetTop, row.offsetHeight, this.#extent.view);
      return;
    }
    const { full, tall, view } = this.#extent;
    const step = full > tall ? (full - view) / (tall - view) : 1;
    scroller.scrollTop = nearest(scroller.scrollTop * step, index * height, height, view) / step;
    this.#draw();
  }
}

/** Whether a row is what it was. */
const same = (row, before) => JSON.stringify(row) === JSON.stringify(before);

/** Resolves when what is pressed is let go, after the click that this may be. */
function release() {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      setTimeout(resolve);
    };
    for (const event of ['pointerup', 'pointercancel', 'contextmenu']) addEventListener(event, end, { capture: true, signal: over.signal });
  });
}

/** Where to scroll from at, so that what begins at top is in a view of that height. */
function nearest(at, top, height, view) {
  if (top < at - view / 2 || top > at + 1.5 * view) return top - (view - height) / 2;
  if (top < at) return top;
  return top + height > at + view ? top + height - view : at;
}
