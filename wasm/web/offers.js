// What can be asked next, as buttons that run lines: of a connection, of two captures, of files that were read as one.

import { el } from './dom.js';
import * as views from './views.js';
import { words } from './words.js';

const link = (child, title, onclick) => el('button', { type: 'button', class: 'link', title, onclick }, child);

const asking = ({ line, what }, run) => link(el('code', {}, line), what, () => run(line));

/** Of a connection. */
export const ofConnection = (id, run) => [words.ask, ...views.questions(id).map((question) => asking(question, run))];

/** Of two captures, by their names: what they tell together, or that they are read as one. */
export function ofPair(names, run) {
  const merge = views.merge(names);
  return [
    el('p', {}, words.pair),
    el('ul', { class: 'offers' }, ...views.pair.map((question) => el('li', {}, asking(question, run), ` ${question.what}`))),
    el('p', {}, words.orParts, link(words.asOne, merge, () => run(merge))),
  ];
}

/** Of files that were taken for the parts of one capture; apart() opens them on their own. */
export const ofParts = (files, apart) => [el('p', {}, words.parts(files.map(({ name }) => name)), link(words.apart, undefined, apart))];
