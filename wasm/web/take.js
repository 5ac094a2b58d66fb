// Taking a session away: its commands as a script for the terminal or as a notebook for the kernel.

import { download } from './dom.js';
import * as views from './views.js';
import { words } from './words.js';

/**
 * The lines that bring a session to where it is. captures are [{name, line}] in the order of loading, current is the one
 * shown; shown and typed are the commands of the view and of the prompt.
 */
export function linesOf({ captures, current, shown, typed }) {
  const loads = captures.map(({ name, line }) => line ?? views.load(name));
  if (captures.at(-1)?.name !== current) loads.push(views.use(current));
  return [...loads, views.overview, ...shown, ...typed.filter((line) => !loads.includes(line))];
}

/** Saves lines as a file with that extension: mptcp or ipynb. */
export async function takeAway(engine, lines, current, extension) {
  const stem = current.replace(/\.(pcapng|pcap|cap|csv|gz|zst)\b/gi, '').replace(/[^\p{L}\p{N}.-]+/gu, '-') || 'capture';
  const name = `${stem}.${extension}`;
  const text = extension === 'ipynb' ? words.notebookText(current) : words.scriptText(current, name);
  const { type, data } = await engine.ask({ do: 'script', name, lines, text });
  download(name, data, type);
  return name;
}
