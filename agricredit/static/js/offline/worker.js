// The service worker of /my/. Before this source stand KEPT, SHELL and VERSION (see agricredit/pages/offline.py).
//
// It keeps the frame, never a page with somebody's data. Pages come from the network; when that does not answer,
// the frame opens instead and fills itself from the phone's own store.
"use strict";

const CACHE = `my-${VERSION}`;
const PATIENCE = 6000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(KEPT.map((address) => new Request(address, { cache: "no-cache" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("my-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

// A page that was on its way while this worker activated asks to be taken over.
self.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    // Printed certificates and pictures are no pages: the frame would not help.
    if (!/\.\w+$/.test(address.pathname)) event.respondWith(page(request));
  } else if (KEPT.includes(address.pathname) && address.pathname !== SHELL) {
    event.respondWith(kept(request));
  }
});

async function page(request) {
  let timer;
  const late = new Promise((_resolve, reject) => { timer = setTimeout(() => reject(new Error("no answer")), PATIENCE); });
  try {
    return await Promise.race([fetch(request), late]);
  } catch (unreachable) {
    return (await caches.match(SHELL, { cacheName: CACHE })) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
