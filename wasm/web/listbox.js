// A list of options below or above a text field that keeps the focus: arrows move, the field names the active one to
// screen readers (the ARIA combobox pattern). The prompt's completions and the palette are such lists.

import { el } from './dom.js';

export class Listbox {
  #field;
  #list;
  #take;
  active = -1;
  length = 0;

  /** take(index) is called with the option that is clicked. */
  constructor(field, list, take) {
    this.#field = field;
    this.#list = list;
    this.#take = take;
    // mousedown, because a click comes after the field lost the focus.
    list.addEventListener('mousedown', (e) => {
      e.preventDefault();
      const option = e.target.closest('[role=option]');
      if (option) this.#take(Number(option.dataset.index));
    });
  }

  get open() { return !this.#list.hidden; }

  /** Shows options, each a list of what it holds; first is the one that is active at once. */
  show(options, first = -1) {
    this.length = options.length;
    this.#list.replaceChildren(...options.map((children, index) => el('li', {
      role: 'option', id: `${this.#list.id}-${index}`, 'data-index': index, 'aria-selected': 'false',
    }, ...children)));
    this.#list.hidden = options.length === 0;
    this.#field.setAttribute('aria-expanded', String(this.open));
    this.#mark(options.length ? first : -1);
  }

  /** Makes another option active; round the ends. From no option, one step back is the last one. */
  move(step) {
    const n = this.length;
    if (n) this.#mark(this.active < 0 && step < 0 ? n - 1 : (this.active + step + n) % n);
  }

  /** Makes no option active. */
  leave() { this.#mark(-1); }

  close() {
    this.#list.hidden = true;
    this.#field.setAttribute('aria-expanded', 'false');
    this.#field.removeAttribute('aria-activedescendant');
    this.active = -1;
  }

  #mark(active) {
    this.#list.children[this.active]?.setAttribute('aria-selected', 'false');
    this.active = active;
    const option = this.#list.children[active];
    if (!option) {
      this.#field.removeAttribute('aria-activedescendant');
      return;
    }
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.#field.setAttribute('aria-activedescendant', option.id);
  }
}
