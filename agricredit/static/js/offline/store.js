// What the phone keeps. IndexedDB; where a webview refuses it, localStorage with the same verbs.

const PATIENCE = 3000;

/** Open the store: `get`, `put`, `del`, `all` by table and key; `kind` says which one it became. */
export async function openStore(name, tables) {
  try {
    const database = await within(PATIENCE, opened(name, tables));
    const store = overIndexedDB(database);
    await store.put(tables[0], "~probe", 1);
    await store.del(tables[0], "~probe");
    return store;
  } catch (refused) {
    return overLocalStorage(name);
  }
}

function within(milliseconds, promise) {
  return Promise.race([
    promise,
    new Promise((_resolve, reject) => { setTimeout(() => reject(new Error("no answer")), milliseconds); }),
  ]);
}

function opened(name, tables) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => tables.forEach((table) => asked.result.createObjectStore(table));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
}

function overIndexedDB(database) {
  const run = (table, mode, act) => new Promise((resolve, reject) => {
    const transaction = database.transaction(table, mode);
    const asked = act(transaction.objectStore(table));
    // A write counts when its transaction is complete, not when the request was accepted.
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
  return {
    kind: "indexeddb",
    get: (table, key) => run(table, "readonly", (rows) => rows.get(key)),
    all: (table) => run(table, "readonly", (rows) => rows.getAll()),
    put: (table, key, value) => run(table, "readwrite", (rows) => rows.put(value, key)),
    del: (table, key) => run(table, "readwrite", (rows) => rows.delete(key)),
  };
}

function overLocalStorage(name) {
  const prefix = (table) => `${name}/${table}/`;
  return {
    kind: "localstorage",
    get: async (table, key) => JSON.parse(localStorage.getItem(prefix(table) + key) ?? "null") ?? undefined,
    all: async (table) => Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix(table)))
      .map((key) => JSON.parse(localStorage.getItem(key))),
    put: async (table, key, value) => localStorage.setItem(prefix(table) + key, JSON.stringify(value)),
    del: async (table, key) => localStorage.removeItem(prefix(table) + key),
  };
}
