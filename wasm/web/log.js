// The answers to typed commands, kept for each capture: shown are only those of the capture that is current.

import { byId } from './dom.js';

export class Log {
  #element = byId('log');
  #answers = new Map(); // name of the capture, '' while there is none → answers
  #shown = '';

  /** Adds an answer to a capture's, or moves it there. */
  put(answer, name) {
    if (this.#of(name).includes(answer)) return;
    for (const answers of this.#answers.values()) {
      if (answers.includes(answer)) answers.splice(answers.indexOf(answer), 1);
    }
    answer.element.remove();
    if (answer.gone) return;
    this.#answers.set(name, [...this.#of(name), answer]);
    if (name === this.#shown) this.#element.append(answer.element);
  }

  /** Shows a capture's answers instead of what is shown. Those from before the first capture are not kept. */
  show(name) {
    if (name === this.#shown) return;
    if (this.#shown === '') this.forget('');
    this.#shown = name;
    this.#element.replaceChildren(...this.#of(name).map((answer) => answer.element));
  }

  /** The commands that are answered here, but for those that failed. */
  get lines() { return this.#of(this.#shown).filter((answer) => !answer.failed).map(({ line }) => line); }

  /** Drops a capture's answers. */
  forget(name) {
    this.#of(name).forEach((answer) => answer.remove());
    this.#answers.delete(name);
  }

  /** Drops everything. */
  clear() {
    [...this.#answers.keys()].forEach((name) => this.forget(name));
    this.#shown = '';
  }

  #of(name) {
    return (this.#answers.get(name) ?? []).filter((answer) => !answer.gone);
  }
}
