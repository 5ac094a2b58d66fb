// Light or dark: the system's choice until the reader makes another. A classic script, so that it runs before the first
// paint; the page calls window.mptcpTheme.
(() => {
  'use strict';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const stored = () => {
    try { return localStorage.getItem('theme'); } catch { return null; }
  };
  const store = (name) => {
    try { localStorage.setItem('theme', name); } catch { /* a private window forgets */ }
  };
  const current = () => root.dataset.theme || (system.matches ? 'dark' : 'light');
  const changed = () => document.dispatchEvent(new Event('themechange'));

  const chosen = stored();
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
  system.addEventListener('change', changed);

  // Paper is light.
  addEventListener('beforeprint', () => { root.dataset.printed = root.dataset.theme ?? ''; root.dataset.theme = 'light'; });
  addEventListener('afterprint', () => {
    const { printed } = root.dataset;
    delete root.dataset.printed;
    if (printed) root.dataset.theme = printed;
    else delete root.dataset.theme;
  });

  window.mptcpTheme = {
    current,
    toggle() {
      root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
      store(root.dataset.theme);
      changed();
    },
  };
})();
