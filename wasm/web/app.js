// The page: opens captures, shows the list of connections and the one that is chosen, and answers typed commands.
//
// <html data-state> tells anybody's automation where it stands: booting, ready (no capture yet), loading (a capture is
// being read or a command runs), idle (the answer is there) or error (what was asked for last failed).

import { Answer, errorBlock, note } from './answer.js';
import { clickedLine } from './clicked.js';
import { Connections } from './connections.js';
import { announce, byId, el, unbroken } from './dom.js';
import { Engine } from './engine.js';
import { showHelp } from './help.js';
import { Link } from './link.js';
import { LoadingBar } from './loading.js';
import { Log } from './log.js';
import * as opening from './opening.js';
import * as parts from './parts.js';
import { Prompt } from './prompt.js';
import * as views from './views.js';
import { words } from './words.js';

const root = document.documentElement;

const page = {
  engine: new Engine(() => restart(words.crashed)),
  known: new Map(), // sources by name: what tabs and `load NAME` open
  open: [], // names of captures in the tabs
  current: '', // the capture that is shown
  booted: Promise.resolve(), // the engine runs
  working: 0, // calls under way
  failed: false, // the last thing that was asked for
  viewing: null, // AbortController of the view that is being drawn
  typing: null, // AbortController of the typed command that runs
  shown: [], // answers of the view
  link: null, // the charts of the view, on one axis of time
  clicked: null, // the mark that was clicked last: {point, payload}
};
const list = new Connections(page.engine, (cells, row) => viewConnection(cells, row));
const prompt = new Prompt(page.engine, (line) => typed(line));
const bar = new LoadingBar();
const log = new Log();

/** Brings data-state up to date. */
function settle() {
  root.dataset.state = page.working > 0 ? 'loading' : page.failed ? 'error' : page.current ? 'idle' : 'ready';
}

/** Does work and keeps data-state. The work tells whether it succeeded. */
async function work(task) {
  page.working++;
  settle();
  try {
    await page.booted;
    page.failed = !(await task());
  } catch (e) {
    page.failed = true;
    warn([errorBlock({ message: e.message })]);
  } finally {
    page.working--;
    settle();
  }
}

/** Shows something above everything else, or takes it away. */
function warn(blocks) {
  const alert = byId('alert');
  alert.hidden = blocks.length === 0;
  alert.replaceChildren(...blocks);
  if (blocks.length) alert.append(el('button', { type: 'button', onclick: () => warn([]) }, 'Dismiss'));
}

// Opening.

/** Reads captures one after the other; the last one is shown, and of it the connection with that id. */
function openCaptures(sources, connection) {
  warn([]);
  return work(async () => {
    for (const source of sources) {
      const error = await openCapture(source, connection);
      if (error) return Boolean(error.cancelled);
    }
    return true;
  });
}

/** Resolves to what went wrong, or to null. */
async function openCapture(source, connection) {
  page.viewing?.abort();
  const answer = [];
  let error = null;
  const done = await page.engine.load(source, (event) => {
    if (event.event === 'error') error = event;
    else if (event.event === 'progress') bar.update(event);
    else answer.push(event);
  }, bar.begin(source.name));
  bar.end();
  if (error) {
    refuse(source, error);
    return error;
  }
  if (page.known.get(source.name) !== source) log.forget(source.name); // another file of the same name
  page.known.set(source.name, source);
  announce(words.loaded(source.name));
  await showCapture(done.capture, answer, connection);
  return null;
}

/** Says why a capture could not be read, and what is left. */
function refuse({ name }, error) {
  const said = error.cancelled ? { message: words.cancelled(name, bar.read) } : error;
  const line = el('p', { class: 'muted' }, words.kept(page.current));
  if (error.cancelled) warn([el('p', {}, said.message), line]);
  else warn([el('p', {}, el('b', {}, words.unreadable(name))), errorBlock(said), line]);
}

/** Shows the overview of the session's current capture, and one connection. */
async function showCapture(name, answer, connection) {
  page.current = name;
  if (!page.open.includes(name)) page.open.push(name);
  document.title = `${name} · mptcpanalyzer`;
  byId('start').hidden = true;
  byId('work').hidden = false;
  drawTabs();
  byId('list-notes').replaceChildren(...answer.map(listNote).filter(Boolean));
  clearView();
  log.show(name);
  let table = null;
  await page.engine.run(views.overview, (event) => {
    if (event.event === 'table') table ??= event;
    else if (event.event === 'error') byId('list-notes').append(errorBlock(event));
    else byId('list-notes').append(listNote(event) ?? '');
  });
  if (!table) return;
  list.show(table);
  if (table.total > 0) {
    await list.choose(connection);
    return;
  }
  opening.toAddress(page.known.get(name));
  view(views.without);
}

function listNote(event) {
  if (event.event === 'text') return el('p', {}, unbroken(event.body));
  if (event.event === 'note') return note(event.body, event.caution);
  return null;
}

function drawTabs() {
  byId('captures').replaceChildren(...page.open.map((name) => {
    const open = el('button', { type: 'button', 'aria-current': name === page.current ? 'page' : undefined, title: `load ${name}`, onclick: () => reopen(name) }, name);
    const close = el('button', { type: 'button', class: 'close', 'aria-label': words.close(name), title: words.close(name), onclick: () => closeCapture(name) }, '×');
    return el('span', { class: 'tab' }, open, close);
  }));
}

function reopen(name) {
  const source = page.known.get(name);
  if (name !== page.current && source) openCaptures([source]);
}

/** Closes a capture. Memory of WebAssembly only grows, so that the worker is replaced; another capture is read again. */
async function closeCapture(name) {
  page.known.delete(name);
  const rest = page.open.filter((n) => n !== name);
  await restart();
  page.open = rest;
  const source = page.known.get(rest.at(-1));
  if (source) await openCaptures([source]);
}

/** Starts again with nothing loaded. why is shown, if given. */
async function restart(why) {
  page.viewing?.abort();
  list.clear();
  clearView();
  log.clear();
  Object.assign(page, { current: '', open: [] });
  opening.toAddress(null);
  document.title = 'mptcpanalyzer';
  byId('start').hidden = false;
  byId('work').hidden = true;
  drawTabs();
  await boot();
  if (why) {
    page.failed = true;
    warn([el('p', {}, why)]);
  }
  settle();
}

// The chosen connection.

function viewConnection(cells, row) {
  const id = cells.mptcpstream?.t;
  opening.toAddress(page.known.get(page.current), id);
  view([row.open, ...views.connection(id)].filter(Boolean), id);
}

function clearView() {
  page.link?.end();
  page.link = page.clicked = null;
  page.shown.forEach((answer) => answer.remove());
  page.shown = [];
  for (const place of ['clicked', 'packets']) byId(place).replaceChildren();
}

/** Replaces the view by the answers of some commands; of a connection, its packets are listed as well. */
function view(lines, id) {
  page.viewing?.abort();
  const viewing = new AbortController();
  page.viewing = viewing;
  return work(async () => {
    clearView();
    page.link = new Link((w) => listPackets(id, w));
    byId('answers').scrollTop = 0;
    for (const line of lines) {
      const answer = await addToView(line, viewing.signal);
      if (answer?.blank) {
        answer.remove();
        if (views.otherwise(id)[line]) await addToView(views.otherwise(id)[line], viewing.signal);
      }
    }
    page.link?.align();
    if (id !== undefined && !viewing.signal.aborted) await answerIn('packets', views.packets(id), viewing.signal);
    return viewing.signal.aborted || !page.shown.some((answer) => answer.failed);
  });
}

async function addToView(line, signal) {
  if (signal.aborted) return;
  const answer = newAnswer(line, { link: page.link, onPoint: clicked });
  page.shown.push(answer);
  byId('view').append(answer.element);
  await page.engine.run(line, (event, data) => answer.add(event, data), signal);
  answer.end();
  return answer;
}

/** Runs a command and shows its answer in a place of the view, instead of the one before. */
async function answerIn(place, line, signal, ...above) {
  const answer = newAnswer(line, {});
  page.shown.push(answer);
  await page.engine.run(line, (event, data) => answer.add(event, data), signal);
  answer.end();
  if (signal?.aborted) return;
  byId(place).replaceChildren(...above, answer.element);
}

/** Lists the packets of the window that the charts show. */
function listPackets(id, w) {
  page.link?.align();
  if (id === undefined || !page.viewing) return;
  work(async () => { await answerIn('packets', views.packets(id, w), page.viewing.signal); return true; });
}

/** Tells what was clicked, and shows its packet. */
function clicked(point, payload) {
  const before = page.clicked?.payload === payload ? page.clicked.point : null;
  page.clicked = { point, payload };
  const line = clickedLine(point, before);
  byId('clicked').replaceChildren(line);
  if (point.frame) work(async () => { await answerIn('clicked', views.packet(point.frame), page.viewing?.signal, line); return true; });
}

const newAnswer = (line, more) => new Answer(page.engine, line, { run: typed, edit: (l) => prompt.edit(l), ...more });

// Typed commands.

/** Runs a line that was typed, or that an answer offers, and answers below. */
function typed(line) {
  warn([]);
  return work(async () => {
    const answer = newAnswer(line, { removable: true });
    const stop = new AbortController();
    page.typing = stop;
    byId('work').hidden = false; // before a capture is there, answers stand below the start
    log.put(answer, page.current);
    const loading = [];
    const done = await page.engine.run(line, (event, data) => {
      answer.add(event, data);
      if (event.event === 'text' || event.event === 'note') loading.push(event);
      if (!stop.signal.aborted) answer.element.scrollIntoView({ block: 'nearest' });
    }, stop.signal);
    answer.end();
    if (done?.capture) log.put(answer, done.capture); // what was loaded while the line waited, or by it
    answer.element.scrollIntoView({ block: 'nearest' });
    if (page.typing === stop) page.typing = null;
    if (done?.capture && done.capture !== page.current) await showCapture(done.capture, loading);
    return !answer.failed;
  });
}

// Keys.

const shortcuts = {
  '/': () => prompt.focus(),
  '?': () => showHelp(page.engine),
  o: () => byId('file').click(),
  t: () => window.mptcpTheme.toggle(),
  c: () => list.focus(),
};

function listenKeys() {
  addEventListener('keydown', (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
      e.preventDefault();
      prompt.focus();
      prompt.complete();
      return;
    }
    if (e.key === 'Escape') {
      if (bar.shown) bar.cancel();
      else page.typing?.abort();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, dialog')) return;
    const act = shortcuts[e.key.toLowerCase()];
    if (!act) return;
    e.preventDefault();
    act();
  });
}

// Beginning.

/** Starts the analysis, with nothing loaded. */
function boot() {
  root.dataset.state = 'booting';
  page.failed = false;
  page.booted = page.engine.start().then(() => page.known.forEach((source) => page.engine.know(source)));
  return page.booted;
}

async function begin() {
  byId('open').onclick = byId('start-open').onclick = () => byId('file').click();
  byId('theme').onclick = () => window.mptcpTheme.toggle();
  byId('help').onclick = () => showHelp(page.engine);
  listenKeys();
  opening.listen((sources) => openCaptures(sources));
  const booted = boot();
  const [offered] = await Promise.all([parts.samples(), parts.keepOffline(), booted]);
  opening.listSamples(offered, (sources) => openCaptures(sources));
  for (const sample of offered) {
    if (!page.known.has(sample.name)) page.known.set(sample.name, sample);
    page.engine.know(page.known.get(sample.name));
  }
  settle();
  const named = opening.fromAddress();
  if (named) openCaptures([named.source], named.connection);
}

begin().catch((e) => {
  warn([el('p', {}, words.broken(e.message))]);
  root.dataset.state = 'error';
});
