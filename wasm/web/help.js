// The keys of the page, and the commands: the ones from its list of actions, the others from the language itself.

import { byId, el } from './dom.js';
import { words } from './words.js';

/** Opens the help. */
export async function showHelp(engine, actions) {
  const dialog = byId('keys');
  if (dialog.open) return;
  dialog.showModal();
  const { commands } = await engine.ask({ do: 'commands' });
  const keys = [...actions.filter(({ key }) => key).map(({ key, name }) => [key, name]), ...words.widgets];
  byId('keys-body').replaceChildren(
    el('h3', {}, words.keysTitle),
    el('dl', {}, ...keys.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)])),
    el('h3', {}, words.commandsTitle),
    el('dl', {}, ...commands.flatMap((c) => [
      el('dt', { title: c.usage }, el('code', {}, c.name)),
      el('dd', {}, c.summary, ...c.examples.map((x) => el('div', { class: 'muted' }, el('code', {}, x.line), ` ${x.what}`))),
    ])));
}
