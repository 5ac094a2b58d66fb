// Making elements. Text is always set as text, never as markup: file names, comments and addresses come from captures.

import { words } from './words.js';

/** An element with attributes, properties and children. A string child becomes text; null and false are left out. */
export function el(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'class') e.className = value;
    else if (key === 'text') e.textContent = value;
    else if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
    else e.setAttribute(key, value === true ? '' : String(value));
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

/** The element of index.html with that id. */
export const byId = (id) => document.getElementById(id);

/** Text in which no line breaks within a number: the thin spaces between thousands become narrow no-break spaces. */
export const unbroken = (text) => text.replaceAll('\u2009', '\u202f');

/** A whole number with its thousands apart. */
export const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** A button of text. */
export const button = (text, title, onclick) => el('button', { type: 'button', title, onclick }, text);

/** Gives the browser's user a file. */
export function download(name, bytes, type) {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const a = el('a', { href: url, download: name });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Puts text on the clipboard; the button that was pressed says so for a while. */
export async function copy(text, pressed) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a host without TLS
    const field = el('textarea', { class: 'unseen' });
    field.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    pressed.focus();
  }
  announce(words.copied);
  pressed.dataset.says ??= pressed.textContent;
  pressed.textContent = words.copied;
  setTimeout(() => { pressed.textContent = pressed.dataset.says; }, 1500);
}

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  byId('status').textContent = text;
}
