// The service worker: after the first visit the page needs no network, and what it shows always is of one version. It
// also keeps the page to its word: anything but fetching files of its own host is refused.

const VERSION = 'mptcp-{{assets}}';
const FILES = {{files}};

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (e) => {
  e.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('mptcp-') && name !== VERSION);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (e) => {
  const { request } = e;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) e.respondWith(Response.error());
  else if (request.mode === 'navigate') e.respondWith(fresh(request));
  else e.respondWith(kept(request));
});

/** The page itself comes from the host while there is one, so that a new version is seen. */
async function fresh(request) {
  try {
    return await fetch(request);
  } catch {
    return await caches.match('./', { cacheName: VERSION, ignoreSearch: true }) ?? Response.error();
  }
}

/** Everything else never changes under its name. */
async function kept(request) {
  return await caches.match(request, { cacheName: VERSION }) ?? fetch(request);
}
