// A table of an answer: sticky head, sorting, rows in sight only, numbers right, chips in the subflows' colours.

import { el } from './dom.js';
import { Rows } from './rows.js';
import { words } from './words.js';

/** Height of a row in px, as in style.css. */
const HEIGHT = 28;
/** Up to how many rows are drawn at once. */
const FEW = 200;

const NUMBERS = new Set(['uint', 'int', 'float', 'time', 'duration']);

/** Colours come again after eight; see the palette. */
export const subflowClass = (ordinal) => `subflow-${(ordinal ?? 0) % 8}`;

/** A subflow's coloured chip with its id. */
export function chip(ordinal, text) {
  return el('span', { class: `chip ${subflowClass(ordinal)}` }, text);
}

/** One cell of a row. */
function td(cell, column, numeric) {
  const e = plain(cell, column, numeric);
  if (cell) e.dataset.value = cell.v ?? cell.t; // as machines read it
  return e;
}

function plain(cell, column, numeric) {
  if (!cell) return el('td', { class: numeric ? 'number missing' : 'missing' }, '–');
  if (cell.k === 'subflow') return el('td', {}, chip(cell.s, cell.t));
  const e = el('td', {
    class: [NUMBERS.has(cell.k) && 'number', column.wide && 'wide', column.share && 'share'].filter(Boolean).join(' ') || undefined,
    title: cell.x,
  }, cell.t);
  if (column.share) e.style.setProperty('--share', cell.r ?? 0);
  return e;
}

/**
 * Builds a table from its event: {element, mark}. open(row) is called with a row that was opened, {open, cells}; ask is the
 * engine's. mark(key, number) marks the row with that number in a column that grows, and resolves to its cells by their
 * keys, to null where there is none. focus() goes to the row that is marked, or that was focused last.
 */
export function makeTable(event, ask, open) {
  if (event.total === 0) return { element: el('p', { class: 'muted' }, event.empty || words.rows(0)), mark: async () => null, focus() {} };
  const state = { sort: '', descending: false };
  let marked = null; // the id of the row that is marked
  const numeric = event.columns.map((c, i) => c.number || event.rows.some((row) => NUMBERS.has(row[i]?.k)));
  const body = el('tbody');
  const heads = event.columns.map((c, i) => head(c, numeric[i], () => sortBy(c.key)));
  const table = el('table', { class: 'table', 'aria-rowcount': event.total + 1, 'aria-label': event.title || undefined },
    el('thead', {}, el('tr', {}, ...heads)), body);
  const scroller = el('div', { class: 'scroller' }, table);
  const rows = new Rows({
    scroller, body, height: HEIGHT, few: FEW, columns: event.columns.length,
    fetch: (from, count) => ask({ do: 'table', handle: event.handle, from, count, ...state }),
    draw: (cells, row) => el('tr', { class: row.open ? 'opens' : undefined, title: row.open, 'aria-selected': row.id === marked ? 'true' : undefined },
      ...cells.map((cell, i) => td(cell, event.columns[i], numeric[i]))),
    open: (row) => { if (row.open) open({ open: row.open, cells: named(row.cells) }); },
  });
  const named = (cells) => Object.fromEntries(event.columns.map(({ key }, i) => [key, cells[i]]));
  async function sortBy(key) {
    // Once up, once down, and back to the table's own order.
    if (state.sort !== key) Object.assign(state, { sort: key, descending: false });
    else if (!state.descending) state.descending = true;
    else Object.assign(state, { sort: '', descending: false });
    markSorted(heads, state);
    await rows.refresh();
  }
  async function mark(key, number) {
    let found;
    do found = await ask({ do: 'find', handle: event.handle, key, number });
    while (found.more);
    const { at, id } = found;
    marked = at < 0 ? null : id;
    if (at >= 0) rows.activate(at);
    rows.redraw();
    return at < 0 ? null : named(await rows.row(at));
  }
  rows.start(event);
  hint(scroller);
  return { element: scroller, mark, focus: () => rows.focus() };
}

/** Lets the right edge fade while columns are hidden behind it. */
function hint(scroller) {
  const look = () => scroller.classList.toggle('more', scroller.scrollLeft + scroller.clientWidth < scroller.scrollWidth - 1);
  scroller.addEventListener('scroll', look, { passive: true });
  new ResizeObserver(look).observe(scroller);
}

/** A head that sorts. */
function head(column, numeric, onclick) {
  return el('th', { scope: 'col', class: numeric ? 'number' : undefined, 'data-key': column.key, title: column.doc },
    el('button', { type: 'button', onclick }, column.head));
}

/** Marks the head that rows are sorted by. */
export function markSorted(heads, { sort, descending }) {
  for (const th of heads) {
    if (th.dataset.key !== sort) th.removeAttribute('aria-sort');
    else th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  }
}
