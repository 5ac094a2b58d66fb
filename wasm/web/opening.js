// All the ways by which captures come in: drop, picker, paste, samples, the system's "open with", a #url= of this host.

import { byId, el } from './dom.js';
import * as views from './views.js';
import { words } from './words.js';

/** What a file, a sample or an address is to the engine: {name, file} or {name, url}; {name, line} is read by a command. */
const fromFile = (file) => ({ name: file.name, file });
export const fromURL = (url) => ({ name: plain(new URL(url).pathname.split('/').pop()) || url, url });

/** A part of an address without its percent signs, where they say something. */
function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What captures are called, of the files in a folder. */
const CAPTURE = /\.(pcap|pcapng|cap|dmp|ntar)\d*(\.(gz|zst))?$/i;

/** Calls open(sources) whenever captures are given to the page, and refuse(error) for a folder that has none. */
export function listen(open, refuse) {
  const picker = byId('file');
  picker.addEventListener('change', () => {
    const sources = [...picker.files].map(fromFile);
    picker.value = ''; // so that the same file can be chosen again
    if (sources.length) open(sources);
  });
  listenDrop(open, refuse);
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
function listenDrop(open, refuse) {
  const sign = byId('drop');
  let depth = 0; // dragenter and dragleave come for every element on the way
  const carries = (e) => e.dataTransfer?.types.includes('Files');
  const show = (n) => {
    depth = Math.max(0, n);
    sign.hidden = depth === 0;
    if (depth) document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close()); // it would cover what is opened
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
    const entries = [...e.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()); // to be asked for before anything is waited for
    const files = [...e.dataTransfer.files];
    withFolders(files, entries).then((all) => { if (all.length) open(all.map(fromFile)); }, refuse);
  });
}

/** The files that were dropped, with those that lie in a folder instead of the folder. */
async function withFolders(files, entries) {
  const folders = entries.filter((entry) => entry?.isDirectory);
  const all = files.filter((file) => !folders.some(({ name }) => name === file.name));
  for (const folder of folders) {
    const within = await filesIn(folder);
    if (!within.length) throw new Error(words.noCaptureIn(folder.name));
    all.push(...within);
  }
  return all;
}

/** The captures in a folder, by their names. */
async function filesIn(folder) {
  const reader = folder.createReader();
  const some = () => new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
  const entries = [];
  for (let part = await some(); part.length; part = await some()) entries.push(...part);
  const captures = entries.filter((entry) => entry.isFile && CAPTURE.test(entry.name));
  const files = await Promise.all(captures.map((entry) => new Promise((resolve, reject) => { entry.file(resolve, reject); })));
  return files.sort(byNumber);
}

/** The order of names in which 2 comes before 10. */
const byNumber = (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true });

/**
 * The captures that files make: a rotation's parts, which differ by their numbers only, are one. The parts of tcpdump -C
 * are a.pcap, a.pcap1, a.pcap2; dumpcap and others count in the middle of the name.
 */
export function gathered(sources) {
  const stem = ({ name }) => name.replace(/\d+/g, '');
  const parts = [...sources].sort(byNumber);
  if (parts.length < 2 || parts.some((source) => !source.file || stem(source) !== stem(parts[0]))) return sources;
  return [{ name: parts[0].name, line: views.merge(parts.map(({ name }) => name)), parts }];
}

/** A sample and, where it is opened with another one, that. */
export const withOther = (sample, list) => [sample, ...list.filter((o) => o.name === sample.other)];

/** Lists the samples on the start page. Some are opened with another one: the other end of the same traffic. */
export function listSamples(list, open) {
  byId('samples').replaceChildren(...list.filter((s) => s.title).map((s) => el('li', {},
    el('button', { type: 'button', class: 'link', 'data-sample': s.name, onclick: () => open(withOther(s, list)) }, s.title),
    el('span', { class: 'muted' }, s.story))));
}
