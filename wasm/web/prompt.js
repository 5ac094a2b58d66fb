// The prompt: one line of the command language, with completion and history.

import { byId, el } from './dom.js';
import { Listbox } from './listbox.js';
import { words } from './words.js';

/** How many lines are remembered. */
const REMEMBERED = 200;

export class Prompt {
  #engine;
  #input = byId('prompt');
  #list;
  #run;
  #history = [];
  #at = 0; // which line of the history is shown
  #draft = '';
  #items = [];
  #range = [0, 0];
  #asked = 0;
  #hinted = 0;
  #usages = null; // promise of usages by the names of commands

  /** run(line) is called with each line that is entered. */
  constructor(engine, run) {
    this.#engine = engine;
    this.#run = run;
    this.#list = new Listbox(this.#input, byId('completions'), (index) => this.#take(index));
    this.#input.placeholder = words.placeholder;
    this.#hint();
    byId('prompt-form').addEventListener('submit', (e) => {
      e.preventDefault();
      this.#enter();
    });
    this.#input.addEventListener('keydown', (e) => this.#key(e));
    this.#input.addEventListener('beforeinput', (e) => {
      if (e.data === '/' && this.#input.value === '') e.preventDefault(); // the key that comes here, pressed again
    });
    this.#input.addEventListener('input', () => {
      this.#hint();
      if (!this.#list.open) return;
      this.#list.leave(); // what is listed completes the line as it was
      this.complete();
    });
    this.#input.addEventListener('blur', () => this.#close());
  }

  focus() { this.#input.focus(); }

  /** Puts a line into the prompt, to be changed. */
  edit(line) {
    this.#input.value = line;
    this.#hint();
    this.focus();
  }

  /** Opens the list of what can stand at the cursor. Tells whether it did: the answer to another line is not looked at. */
  async complete() {
    const asked = ++this.#asked;
    const { value: line, selectionStart: cursor } = this.#input;
    const answer = await this.#engine.ask({ do: 'complete', line, cursor });
    const changed = this.#input.value !== line || this.#input.selectionStart !== cursor;
    if (asked !== this.#asked || !answer || changed || document.activeElement !== this.#input) return false;
    this.#items = answer.items;
    this.#range = [answer.start, answer.end];
    this.#show();
    return true;
  }

  /** Says how the command that is being typed is used. */
  async #hint() {
    const asked = ++this.#hinted;
    const [, name] = this.#input.value.match(/^\s*(\S+)\s/) ?? [];
    if (name) this.#usages ??= this.#engine.ask({ do: 'commands' }).then(({ commands }) => new Map(commands.map((c) => [c.name, c.usage])));
    const usage = name && (await this.#usages).get(name);
    if (asked !== this.#hinted) return; // another command is being typed by now
    byId('prompt-hint').textContent = usage || words.hint;
    byId('prompt-hint').classList.toggle('usage', Boolean(usage));
  }

  #enter() {
    const line = this.#input.value.trim();
    if (!line) return;
    if (this.#history.at(-1) !== line) this.#history.push(line);
    if (this.#history.length > REMEMBERED) this.#history.shift();
    this.#at = this.#history.length;
    this.#draft = '';
    this.#input.value = '';
    this.#hint();
    this.#close();
    this.#run(line);
  }

  #key(e) {
    if (e.isComposing) return;
    const open = this.#list.open;
    const act = {
      Tab: () => this.#tab(e.shiftKey),
      ArrowUp: () => (open ? this.#list.move(-1) : this.#recall(-1)),
      ArrowDown: () => (open ? this.#list.move(1) : this.#recall(1)),
      Enter: () => (open && this.#list.active >= 0 ? this.#take(this.#list.active) : this.#enter()),
      Escape: () => (open ? this.#close() : this.#input.blur()),
    }[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    // An empty prompt lets Tab go on to the next control, so that the keyboard is never caught.
    if (e.key === 'Tab' && !open && this.#input.value === '') return;
    e.preventDefault();
    if (e.key !== 'Escape' || open) e.stopPropagation(); // else it stops what runs
    act();
  }

  /** Completes as far as it is clear; then walks through the list. */
  async #tab(back) {
    const open = this.#list.open;
    if (open && this.#list.active >= 0) {
      this.#list.move(back ? -1 : 1);
      return;
    }
    if (!await this.complete()) return;
    if (this.#items.length === 1) this.#take(0);
    else if (this.#items.length && !this.#extend() && open) this.#list.move(back ? -1 : 1);
  }

  /** Writes what all completions have in common; tells whether that is more than stood there. */
  #extend() {
    let common = this.#items[0].text;
    for (const { text } of this.#items) {
      while (!text.startsWith(common)) common = common.slice(0, -1);
    }
    const [start, end] = this.#range;
    if (common.length <= end - start) return false;
    this.#replace(common);
    this.#range = [start, start + common.length];
    return true;
  }

  #take(index) {
    const item = this.#items[index];
    this.#replace(item.text + (item.space ? ' ' : ''));
    this.#close();
    if (item.space) this.complete();
  }

  #replace(text) {
    const [start, end] = this.#range;
    this.#input.setRangeText(text, start, end, 'end');
    this.#hint();
  }

  #recall(step) {
    if (this.#at === this.#history.length) this.#draft = this.#input.value;
    this.#at = Math.max(0, Math.min(this.#history.length, this.#at + step));
    this.#input.value = this.#history[this.#at] ?? this.#draft;
    this.#input.setSelectionRange(this.#input.value.length, this.#input.value.length);
  }

  #show() {
    this.#list.show(this.#items.map((item) => [el('code', {}, item.text), el('span', { class: 'muted' }, item.doc)]));
  }

  #close() {
    this.#asked++;
    this.#list.close();
  }
}
