// What a click on a mark of a chart tells: the packet, how to find it in Wireshark, and how far it is from the last one.

import { copier } from './answer.js';
import { button, el } from './dom.js';
import { filter } from './views.js';
import { words } from './words.js';

const { scaled } = globalThis[Symbol.for('mptcp.chart')] ?? {};

/**
 * The line about a mark or a packet. before is the mark clicked last, if it was on the same chart; show() goes to the packet,
 * close() takes the line away.
 */
export function clickedLine(point, before, { show, close }) {
  const parts = [el('b', {}, words.clicked(point.frame, point.series))];
  if (point.frame) parts.push(el('code', {}, filter(point.frame)), copier(filter(point.frame)), button(words.toPacket, words.toPacket, show));
  if (before) parts.push(el('span', { class: 'muted' }, since(point, before)));
  parts.push(el('button', { type: 'button', class: 'close', 'aria-label': words.dismiss, title: words.dismiss, onclick: close }, '×'));
  return parts;
}

/** The way from one mark to the other: time, height and, where both are known, the slope. */
function since(point, before) {
  const dx = point.x - before.x, dy = point.y - before.y;
  const bytes = point.unit === 'B' || point.unit === 'sequence';
  const slope = bytes && dx !== 0 ? scaled((8 * dy * 1e9) / dx, 'bit/s') : null;
  return words.since(scaled(dx, 'ns'), scaled(dy, point.unit), slope);
}
