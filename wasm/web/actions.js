// What the page itself can do beside the commands, once: keys, the help and the palette all come from this list.

import { byId } from './dom.js';
import { words } from './words.js';

/**
 * The actions: {name, key, act}. page gives what they act on. An action without a key is in the palette only; one for
 * which when() is false is not offered now.
 */
export function makeActions(page) {
  const loaded = () => page.loaded();
  return [
    { name: words.actions.palette, key: 'Ctrl-K', act: page.palette },
    { name: words.actions.prompt, key: '/', act: page.prompt },
    { name: words.actions.connections, key: 'C', when: loaded, act: page.connections },
    { name: words.actions.packets, key: 'P', when: loaded, act: page.packets },
    { name: words.actions.next, key: 'J', when: loaded, act: () => page.step(1) },
    { name: words.actions.before, key: 'K', when: loaded, act: () => page.step(-1) },
    { name: words.actions.whole, key: 'R', when: loaded, act: page.whole },
    { name: words.actions.open, key: 'O', act: () => byId('file').click() },
    { name: words.actions.theme, key: 'T', act: () => window.mptcpTheme.toggle() },
    { name: words.actions.help, key: '?', act: page.help },
    { name: words.actions.script, when: loaded, act: () => page.take('mptcp') },
    { name: words.actions.notebook, when: loaded, act: () => page.take('ipynb') },
    { name: words.actions.link, when: () => loaded() && page.linked(), act: page.link },
    { name: words.actions.close, when: loaded, act: page.close },
  ];
}

/** Calls actions by their keys, except where somebody types. */
export function listenKeys(actions) {
  const byKey = new Map(actions.filter((a) => a.key).map((a) => [a.key.toLowerCase(), a]));
  addEventListener('keydown', (e) => {
    const held = e.ctrlKey || e.metaKey;
    const action = byKey.get((held ? 'ctrl-' : '') + e.key.toLowerCase());
    if (!action || e.altKey || (action.when && !action.when())) return;
    if (document.querySelector('dialog[open]') || (!held && e.target.closest('input, textarea'))) return;
    e.preventDefault();
    action.act();
  });
}
