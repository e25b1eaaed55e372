// The page's service worker: it lets the page start where the server cannot be reached. Hand-written and served under
// its own name; the page registers it in release builds alone.
//
// It knows two sorts of requests. Pages (`/`, `/r/7`, `/signin`, `/workbench` and the like) come from the network, and from the last good answer where the
// network takes too long or has none. Files whose names change with their contents come from the cache. Everything
// else, `/api` and `/ws` above all, it does not touch.

const CACHE = "readyroom-1";

/** Milliseconds after which a page that is known is not waited for. */
const PATIENCE_MS = 2_000;

const SHELL = "/";

const isPage = (path) => /^\/(r\/\d+\/?|setup|join|signin|workbench(\/[\w/-]*)?)?$/.test(path);

/** Files of the Workbench and the lessons: kept when somebody has opened them, and not fetched before. */
const isLater = (path) => /^\/(readyroom-)?(workbench|lessons)-/.test(path);

/** A hash of 12 to 16 digits behind a hyphen, as the server knows it. */
const isHashed = (path) => /-[0-9a-f]{12,16}[._]/.test(path);

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(SHELL).then(keepShell));
});

self.addEventListener("activate", (event) => {
  const drop = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && isPage(url.pathname)) {
    const answer = fetch(event.request);
    event.waitUntil(answer.then((answer) => keepShell(answer.clone())).catch(() => {}));
    event.respondWith(page(answer));
  } else if (isHashed(url.pathname)) {
    event.respondWith(file(event.request));
  }
});

/** The page from the network, or else the last good one. */
async function page(answer) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const first = await Promise.race([answer, late]).catch(() => undefined);
  if (first?.ok) return first;
  return (await (await caches.open(CACHE)).match(SHELL)) ?? answer;
}

/** A file that never changes under its name. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const held = await cache.match(request.url);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}

/** Keeps a page and the files that it names, and drops the files of the one before. */
async function keepShell(answer) {
  if (!answer.ok) return;
  const cache = await caches.open(CACHE);
  const text = await answer.clone().text();
  const named = new Set((text.match(/\/[\w.-]+\.(?:js|css|wasm)\b/g) ?? []).filter(isHashed));
  const held = (await cache.keys()).map((request) => new URL(request.url).pathname);
  const missing = [...named].filter((path) => !held.includes(path) && !isLater(path));
  await Promise.all(missing.map((path) => cache.add(path)));
  // The page comes last: one that is kept has all its files.
  await cache.put(SHELL, answer);
  await Promise.all(held.filter((path) => path !== SHELL && !named.has(path)).map((path) => cache.delete(path)));
}
