// The page: opens captures, shows the list of connections and the one that is chosen, and answers typed commands.
//
// <html data-state> tells anybody's automation where it stands: booting, ready (no capture yet), loading (a capture is
// being read or a command runs), idle (the answer is there) or error (what was asked for last failed).

import { listenKeys, makeActions } from './actions.js';
import * as address from './address.js';
import { Answer, errorBlock, note } from './answer.js';
import { Connections } from './connections.js';
import { announce, button, byId, copy, el, unbroken } from './dom.js';
import { Engine } from './engine.js';
import { showHelp } from './help.js';
import { LoadingBar } from './loading.js';
import { Log } from './log.js';
import * as offer from './offers.js';
import * as opening from './opening.js';
import { Palette } from './palette.js';
import * as parts from './parts.js';
import { Prompt } from './prompt.js';
import { linesOf, takeAway } from './take.js';
import { View } from './view.js';
import * as views from './views.js';
import { words } from './words.js';

const root = document.documentElement;

const page = {
  engine: new Engine(() => restart(words.crashed)),
  known: new Map(), // sources by name: what tabs and `load NAME` open
  open: new Map(), // captures of the session by name, in the order of loading → what was told of them
  current: '', // the capture that is shown
  booted: Promise.resolve(), // the engine runs
  working: 0, // calls under way
  failed: false, // the last thing that was asked for
  typing: null, // AbortController of the typed command that runs
};
const offers = { run: (line) => typed(line), edit: (line) => prompt.edit(line) };
const list = new Connections(page.engine, (cells, row, w) => viewConnection(cells, row, w));
const view = new View(page.engine, { work, offers, onwindow: (w) => place(view.id, w) });
const prompt = new Prompt(page.engine, offers.run);
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
  if (blocks.length) alert.append(button(words.dismiss, words.dismiss, () => warn([])));
}

// Opening.

/** Reads captures one after the other; the last one is shown, at a place of it: {connection, window}. */
function openCaptures(sources, at = page.current ? {} : address.read()) {
  warn([]);
  return work(async () => {
    for (const source of sources) {
      const error = await openCapture(source, at);
      if (error) return Boolean(error.cancelled);
    }
    return true;
  });
}

/** Resolves to what went wrong, or to null. */
async function openCapture(source, at) {
  view.stop();
  const answer = [];
  let error = null;
  const on = (event) => {
    if (event.event === 'error') error = event;
    else if (event.event === 'progress') bar.update(event);
    else if (event.event === 'partial') preview(event);
    else answer.push(event);
  };
  const signal = bar.begin(source.name);
  source.parts?.forEach(know);
  const done = source.line ? await page.engine.run(source.line, on, signal) : await page.engine.load(source, on, signal);
  bar.end();
  if (error) {
    await refuse(source, error);
    return error;
  }
  if (page.known.get(source.name) !== source) log.forget(done.capture); // another file of the same name
  page.known.set(done.capture, source);
  announce(words.loaded(done.capture));
  await showCapture(done.capture, answer, at);
  return null;
}

/** Lets commands open a file by its name. */
function know(source) {
  page.known.set(source.name, source);
  page.engine.know(source);
}

/** Shows the connections of a capture that is still being read. */
function preview(table) {
  if (!bar.shown) return;
  if (!list.partial) view.clear();
  stand(true);
  byId('list-notes').replaceChildren(el('p', {}, words.partial));
  list.preview(table);
}

/** Says why a capture could not be read, and what is left. */
async function refuse({ name }, error) {
  if (list.partial) {
    stand(page.current !== '');
    list.clear();
    if (page.current) await showCapture(page.current, page.open.get(page.current), address.read());
  }
  const said = error.cancelled ? { message: words.cancelled(name, bar.read) } : error;
  const line = el('p', { class: 'muted' }, words.kept(page.current));
  if (error.cancelled) warn([el('p', {}, said.message), line]);
  else warn([el('p', {}, el('b', {}, words.unreadable(name))), errorBlock(said), line]);
}

/** Shows the start, or what is made of a capture. */
function stand(captured) {
  if (captured) byId('start-link').hidden = true;
  byId('start').hidden = captured;
  byId('work').hidden = !captured;
  byId('log').hidden = captured && bar.shown; // the answers are of another capture
}

/** Shows the overview of the session's current capture, and one connection. */
async function showCapture(name, answer, { connection, window } = {}) {
  page.current = name;
  page.open.set(name, answer);
  document.title = `${name} · mptcpanalyzer`;
  stand(true);
  drawTabs();
  byId('list-notes').replaceChildren(...answer.map(listNote).filter(Boolean), ...offersOf(name));
  view.clear();
  log.show(name);
  let table = null;
  await page.engine.run(views.overview, (event) => {
    if (event.event === 'table') table ??= event;
    else if (event.event === 'error') byId('list-notes').append(errorBlock(event));
    else byId('list-notes').append(listNote(event) ?? '');
  }, undefined, views.overviewLater);
  if (!table) return;
  const told = list.show(table);
  if (table.total > 0) {
    await choose(connection, window);
    await told;
    return;
  }
  place();
  byId('ask').replaceChildren();
  view.show(words.withoutTitle, views.without);
}

function listNote(event) {
  if (event.event === 'text') return el('p', {}, unbroken(event.body));
  if (event.event === 'note') return note(event.body, event.caution);
  return null;
}

/** What can be asked of the captures that are open, and of the one that is shown. */
function offersOf(name) {
  const files = page.known.get(name)?.parts;
  return [
    ...(page.open.size === 2 ? offer.ofPair([...page.open.keys()], typed) : []),
    ...(files ? offer.ofParts(files, () => closeCapture(name, files)) : []),
  ];
}

function drawTabs() {
  byId('captures').replaceChildren(...[...page.open.keys()].map((name) => {
    const open = el('button', { type: 'button', 'aria-current': name === page.current ? 'page' : undefined, title: views.use(name), onclick: () => reopen(name) }, name);
    const close = el('button', { type: 'button', class: 'close', 'aria-label': words.close(name), title: words.close(name), onclick: () => closeCapture(name) }, '×');
    return el('span', { class: 'tab' }, open, close);
  }));
}

/** Goes to a capture of the session; it is not read again. */
function reopen(name, at = {}) {
  if (name === page.current || !page.open.has(name)) return undefined;
  warn([]);
  return work(async () => {
    let failed = false;
    await page.engine.run(views.use(name), (event) => { failed ||= event.event === 'error'; });
    if (failed) return !(await openCapture(page.known.get(name), at));
    await showCapture(name, page.open.get(name), at);
    return true;
  });
}

/**
 * Closes a capture, and opens others instead. Memory of WebAssembly only grows, so that the worker is replaced; what else was
 * open is read again.
 */
async function closeCapture(name, instead = []) {
  const rest = [...page.open.keys()].filter((n) => n !== name).map((n) => page.known.get(n));
  page.known.delete(name);
  await restart();
  if (rest.length + instead.length) await openCaptures([...rest, ...instead], {});
}

/** Starts again with nothing loaded. why is shown, if given. */
async function restart(why) {
  view.clear();
  list.clear();
  log.clear();
  page.current = '';
  page.open.clear();
  address.write(null);
  document.title = 'mptcpanalyzer';
  stand(false);
  drawTabs();
  await boot();
  if (why) {
    page.failed = true;
    warn([el('p', {}, why)]);
  }
  settle();
}

// The chosen connection, and the place in the address.

function viewConnection(cells, row, w) {
  const id = cells.mptcpstream?.t;
  place(id, w);
  byId('ask').replaceChildren(...offer.ofConnection(id, typed));
  view.show(words.connectionTitle(id, cells.client?.t, cells.server?.t), [row.open, ...views.connection(id)].filter(Boolean), id, w);
}

/** Says in the address what is shown; a link that would bring nothing back is not offered. */
function place(connection, window) {
  address.write({ capture: page.current, url: page.known.get(page.current)?.url, connection, window });
  byId('link').hidden = !address.linked();
}

/** Goes where the address says, after back, forward or a change by hand. */
function goTo({ url, foreign, capture = page.current, connection, window }) {
  if (foreign) warn([el('p', {}, words.foreign(foreign))]);
  else if (url && page.known.get(capture)?.url !== url) openCaptures([opening.fromURL(url)], { connection, window });
  else if (capture !== page.current) reopen(capture, { connection, window });
  else if (connection !== undefined && connection !== view.id) choose(connection, window);
  else view.zoom(window);
}

/** Chooses a connection, and says so where another one is shown instead. */
async function choose(connection, window) {
  if (!await list.choose(connection, window)) byId('list-notes').append(note(words.noConnection(connection)));
}

// Typed commands.

/** Runs a line that was typed, or that an answer offers, and answers below. */
function typed(line) {
  warn([]);
  return work(async () => {
    const stop = new AbortController();
    const answer = new Answer(page.engine, line, {
      ...offers, removable: true, onPoint: (point, payload) => view.pointed(point, payload), stop: () => stop.abort(),
    });
    page.typing = stop;
    byId('work').hidden = false; // before a capture is there, answers stand below the start
    log.put(answer, page.current);
    const loading = [];
    const done = await page.engine.run(line, (event, data) => {
      if (event.event === 'clear') log.forget(page.current);
      answer.add(event, data);
      if (event.event === 'text' || event.event === 'note') loading.push(event);
      if (!stop.signal.aborted) answer.element.scrollIntoView({ block: 'nearest' });
    }, stop.signal);
    answer.end();
    if (done?.capture) log.put(answer, done.capture); // what was loaded while the line waited, or by it
    answer.element.scrollIntoView({ block: 'nearest' });
    if (page.typing === stop) page.typing = null;
    if (done?.capture && done.capture !== page.current) {
      if (!page.known.has(done.capture)) page.known.set(done.capture, { name: done.capture, line });
      await showCapture(done.capture, page.open.get(done.capture) ?? loading);
    }
    return !answer.failed;
  });
}

/** Saves what was done so far as a script or a notebook. */
function take(extension) {
  return work(async () => {
    const captures = [...page.open.keys()].map((name) => ({ name, line: page.known.get(name)?.line }));
    const lines = linesOf({ captures, current: page.current, shown: view.lines, typed: log.lines });
    announce(words.saved(await takeAway(page.engine, lines, page.current, extension)));
    return true;
  });
}

// Beginning.

const actions = makeActions({
  loaded: () => page.current !== '',
  linked: address.linked,
  palette: () => palette.open(),
  prompt: () => prompt.focus(),
  connections: () => list.focus(),
  packets: () => view.focus(),
  step: (by) => list.step(by),
  whole: () => view.zoom(null),
  help: () => showHelp(page.engine, actions),
  take,
  link: () => copy(location.href, byId('link')),
  close: () => closeCapture(page.current),
});
let samples = []; // once they are known

const palette = new Palette(page.engine, {
  ...offers, actions, reopen,
  captures: () => [...page.open.keys()].filter((name) => name !== page.current),
  samples: () => samples.filter((s) => s.title).map((s) => ({ ...s, act: () => openCaptures(opening.withOther(s, samples)) })),
  connection: () => view.id,
  connections: (text, count, wanted) => list.find(text, count, wanted),
});

/** Esc stops what runs. */
function listenEscape() {
  addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    if (bar.shown) bar.cancel();
    else if (page.typing) page.typing.abort();
    else view.cancel();
  });
}

/** Starts the analysis, with nothing loaded. */
function boot() {
  root.dataset.state = 'booting';
  page.failed = false;
  page.booted = page.engine.start().then(() => page.known.forEach((source) => { if (!source.line) page.engine.know(source); }));
  return page.booted;
}

/** Takes what was dropped or chosen: captures are opened, what else is known by its end goes to the prompt. */
function given(sources) {
  const other = (source) => views.others[source.name.split('.').pop().toLowerCase()];
  for (const source of sources.filter(other)) {
    know(source);
    prompt.edit(other(source)(source.name));
  }
  const captures = sources.filter((source) => !other(source));
  if (captures.length) openCaptures(opening.gathered(captures));
}

async function begin() {
  byId('open').onclick = byId('start-open').onclick = () => byId('file').click();
  const does = { theme: words.actions.theme, help: words.actions.help, script: words.actions.script, notebook: words.actions.notebook, link: words.actions.link, search: words.actions.palette };
  for (const [id, name] of Object.entries(does)) byId(id).onclick = actions.find((a) => a.name === name).act;
  listenKeys(actions);
  listenEscape();
  opening.listen(given, (e) => warn([el('p', {}, e.message)]));
  const booted = boot();
  const offered = parts.samples().then((list) => {
    samples = list;
    opening.listSamples(list, (sources) => openCaptures(sources));
    return list;
  });
  await Promise.all([parts.keepOffline(), booted]);
  for (const sample of await offered) {
    if (!page.known.has(sample.name)) page.known.set(sample.name, sample);
    page.engine.know(page.known.get(sample.name));
  }
  settle();
  addEventListener('popstate', () => goTo(address.read()));
  const at = address.read();
  if (at.foreign) warn([el('p', {}, words.foreign(at.foreign))]);
  else if (at.url) openCaptures([opening.fromURL(at.url)], at);
  else if (at.connection !== undefined && !page.current) {
    if (at.capture) byId('start-link').textContent = words.openAgain(at.capture, at.connection);
    byId('start-link').hidden = false;
  }
}

begin().catch((e) => {
  warn([el('p', {}, words.broken(e.message))]);
  root.dataset.state = 'error';
});
