// All the ways by which captures come in: drop, picker, paste, samples, the system's "open with", a #url= of this host.

import { byId, el } from './dom.js';

/** What a file, a sample or an address is to the engine: {name, file} or {name, url}. */
const fromFile = (file) => ({ name: file.name, file });
const fromURL = (url) => ({ name: decodeURIComponent(url.pathname.split('/').pop()), url: url.href });

/** Calls open(sources) whenever captures are given to the page. */
export function listen(open) {
  const picker = byId('file');
  picker.addEventListener('change', () => {
    const sources = [...picker.files].map(fromFile);
    picker.value = ''; // so that the same file can be chosen again
    if (sources.length) open(sources);
  });
  listenDrop(open);
  document.addEventListener('paste', (e) => {
    const files = [...(e.clipboardData?.files ?? [])];
    if (!files.length) return;
    e.preventDefault();
    open(files.map(fromFile));
  });
  window.launchQueue?.setConsumer(async ({ files }) => {
    if (files.length) open(await Promise.all(files.map(async (f) => fromFile(await f.getFile()))));
  });
}

/** The whole window takes files. */
function listenDrop(open) {
  const sign = byId('drop');
  let depth = 0; // dragenter and dragleave come for every element on the way
  const carries = (e) => e.dataTransfer?.types.includes('Files');
  const show = (n) => {
    depth = Math.max(0, n);
    sign.hidden = depth === 0;
  };
  addEventListener('dragenter', (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    show(depth + 1);
  });
  addEventListener('dragleave', (e) => { if (carries(e)) show(depth - 1); });
  addEventListener('dragover', (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    e.dataTransfer.dropEffect = 'copy';
  });
  addEventListener('drop', (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    show(0);
    const files = [...e.dataTransfer.files];
    if (files.length) open(files.map(fromFile));
  });
}

/** Lists the samples on the start page. */
export function listSamples(list, open) {
  byId('samples').replaceChildren(...list.map((s) => el('li', {},
    el('button', { type: 'button', class: 'link', 'data-sample': s.name, onclick: () => open([s]) }, s.title),
    el('span', { class: 'muted' }, s.story))));
}

/** What the address says: {source, connection}, if it names a capture of this host; the page's policy allows no other. */
export function fromAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const named = said.get('url');
  if (!named) return null;
  const url = new URL(named, document.baseURI);
  return url.origin === location.origin ? { source: fromURL(url), connection: said.get('connection') } : null;
}

/** Lets the address say what is shown, where that is a capture of this host. A dropped file leaves no trace in it. */
export function toAddress(source, connection) {
  const said = new URLSearchParams();
  if (source?.url) {
    said.set('url', source.url.replace(new URL('.', document.baseURI).href, ''));
    if (connection) said.set('connection', connection);
  }
  const hash = String(said).replaceAll('%2F', '/');
  history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
}
