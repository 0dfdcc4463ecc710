// The packs: one a producer, fetched when there is reception, read when there is none.

const FRESH = 120e3;

export class Packs {
  constructor({ store, url, user }) {
    Object.assign(this, { store, url, user });
    this.others = [];
  }

  /** The pack kept of a producer (of the one last used when none is named), and nothing of another user. */
  async open(producer) {
    const wanted = producer ?? (await this.store.get("meta", `producer-${this.user}`));
    const kept = wanted ? await this.store.get("packs", this.#key(wanted)) : undefined;
    this.pack = kept ?? null;
    this.others = (await this.store.get("meta", `others-${this.user}`)) ?? [];
    return this.pack;
  }

  #key(producer) {
    return `${this.user}-${producer}`;
  }

  /** Fetch the pack of a producer; false when it did not get through. Says how far off the phone's clock is. */
  async refresh(producer, force = false) {
    const kept = producer && (await this.store.get("packs", this.#key(producer)));
    if (kept && !force && Math.abs(Date.now() - kept.fetched) < FRESH) return true;
    try {
      const asked = Date.now();
      const response = await fetch(producer ? `${this.url}?producer=${producer}` : this.url, { credentials: "same-origin" });
      if (!response.ok) return false;
      const pack = await response.json();
      if (pack.user !== this.user) return false;
      this.skew = Math.round((Date.parse(pack.now) - (asked + Date.now()) / 2) / 1000);
      pack.fetched = Date.now();
      await this.store.put("packs", this.#key(pack.producer.id), pack);
      await this.store.put("meta", `others-${this.user}`, pack.others);
      await this.store.put("meta", `producer-${this.user}`, pack.producer.id);
      this.others = pack.others;
      if (!producer || this.pack === null || this.pack?.producer.id === pack.producer.id) this.pack = pack;
      return true;
    } catch (unreachable) {
      return false;
    }
  }

  /** Have the packs of all whom the person acts for, a helper's day in the fields: one after the other. */
  async refreshOthers() {
    for (const other of this.others.slice(0, 30)) {
      const kept = await this.store.get("packs", this.#key(other.id));
      if (kept && Date.now() - kept.fetched < 12 * 3600e3) continue;
      const mine = this.pack;
      const current = await this.store.get("meta", `producer-${this.user}`);
      if (!(await this.refresh(other.id))) return;
      this.pack = mine;
      await this.store.put("meta", `producer-${this.user}`, current);
    }
  }

  /** Forget everything of this account but the queue: after logging out the phone may be somebody else's. */
  async forget() {
    for (const pack of await this.store.all("packs")) {
      if (pack.user === this.user) await this.store.del("packs", this.#key(pack.producer.id));
    }
    await this.store.del("meta", "user");
  }

  /** Whether this producer's pack is here. */
  async has(producer) {
    return Boolean(await this.store.get("packs", this.#key(producer)));
  }
}

/** The question of a tree under these answers; null where it need not be asked. */
export function resolve(tree, answers) {
  let node = tree;
  while (node.on) node = node.of[answers[node.on]] ?? node.else;
  return node.q;
}
