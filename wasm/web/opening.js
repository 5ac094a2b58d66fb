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

/** The captures that lie beside the page: [{name, url, title, story}]. */
export async function samples() {
  const answer = await fetch(new URL('samples.json', import.meta.url));
  if (!answer.ok) throw new Error(`samples.json: ${answer.status}`);
  return (await answer.json()).map(({ file, title, story }) => ({
    name: file, url: new URL(`samples/${file}`, document.baseURI).href, title, story,
  }));
}

/** Lists the samples on the start page. */
export function listSamples(list, open) {
  byId('samples').replaceChildren(...list.map((s) => el('li', {},
    el('button', { type: 'button', class: 'link', 'data-sample': s.name, onclick: () => open([s]) }, s.title),
    el('span', { class: 'muted' }, s.story))));
}

/** The capture that the address names with #url=, if it lies on this host; the policy of the page allows no other. */
export function fromAddress() {
  const named = new URLSearchParams(location.hash.slice(1)).get('url');
  if (!named) return null;
  const url = new URL(named, document.baseURI);
  return url.origin === location.origin ? fromURL(url) : null;
}
