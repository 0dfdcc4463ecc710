// The queue of what has not been sent. Knows nothing of records: items have a uid, an order, a state, content.
//
// States: draft (begun), waiting, sent, refused (a rule, or the clock: the person looks at it), conflict (two
// devices disagree: the person decides). An item leaves the phone only as its user and in its order; its state
// changes only after an answer, so a phone that dies while sending sends again, and the uid makes that harmless.

import { newUid } from "./dom.js";

const PARCEL = 20;
const KEPT_SENT = 30;
const PATIENCE = 45000;
const FIELDS = ["uid", "noun", "producer", "answers", "made_at", "made_by", "replaces", "needs", "sure"];
const FORMAT = "agricredit-queue-1";

export class Queue extends EventTarget {
  /** `urls` are {sync, photo(item)}; `renew` fetches a fresh request token; `user` is {id, name}. */
  constructor({ store, device, user, urls, renew }) {
    super();
    Object.assign(this, { store, device, user, urls, renew });
    this.items = [];
    this.reachable = true;
    this.expired = false;
    this.problem = "";
    this.skew = 0;
  }

  async load() {
    const rows = (await this.store.all("items")).sort((one, other) => one.seq - other.seq);
    this.items = rows.filter((item) => item.user === this.user.id);
    this.foreign = rows.filter((item) => item.user !== this.user.id && item.state !== "sent");
    this.skew = (await this.store.get("meta", "skew")) ?? 0;
    this.#changed();
  }

  /** Our best knowledge of the time: the phone's, put right by what the platform last said. */
  now() {
    return new Date(Date.now() + (this.clockWrong() ? this.skew * 1000 : 0));
  }

  clockWrong() {
    return Math.abs(this.skew) >= 120;
  }

  counts() {
    const count = { draft: 0, waiting: 0, refused: 0, conflict: 0, sent: 0 };
    this.items.forEach((item) => { count[item.state] += 1; });
    return count;
  }

  find(uid) {
    return this.items.find((item) => item.uid === uid);
  }

  /** Keep an item: a new one goes to the end, a known one stays where it is. */
  async put(item) {
    const kept = { seq: this.#next(), user: this.user.id, user_name: this.user.name, made_by: this.user.id, ...item };
    await this.store.put("items", kept.uid, kept);
    // Looked for only now: meanwhile a sending may have loaded the list anew.
    const known = this.items.findIndex((one) => one.uid === item.uid);
    if (known < 0) this.items.push(kept); else this.items[known] = kept;
    this.#changed();
    return kept;
  }

  async remove(uid, keepPhoto = false) {
    const item = this.find(uid);
    await this.store.del("items", uid);
    if (item?.photo && !keepPhoto) await this.store.del("photos", item.photo.uid);
    this.items = this.items.filter((one) => one.uid !== uid);
    this.#changed();
  }

  /** Send what waits, in order, a parcel at a time; a second call while one runs has it look again. */
  send() {
    this.again = Boolean(this.running);
    this.running ??= this.#alone(() => this.#run()).finally(() => { this.running = null; });
    return this.running;
  }

  async #alone(act) {
    // Two open pages of one phone take turns; where locks are unknown the uids make it harmless.
    return navigator.locks ? navigator.locks.request("agricredit-queue", act) : act();
  }

  async #run() {
    await this.load();
    for (let turn = 0; turn < 100; turn += 1) {
      this.again = false;
      const parcel = this.#parcel();
      if (!parcel.length || !(await this.#parcelSent(parcel))) break;
    }
    await this.#photos();
    await this.#tidy();
    if (this.again) await this.#run();
  }

  #next() {
    return this.items.reduce((most, item) => Math.max(most, item.seq), 0) + 1;
  }

  /** The next waiting items; one that needs an item not sent (nor before it in the parcel) waits on. */
  #parcel() {
    const parcel = [];
    for (const item of this.items.filter((one) => one.state === "waiting")) {
      const ready = (item.needs ?? []).every((uid) => {
        const needed = this.find(uid);
        return !needed || needed.state === "sent" || parcel.includes(needed);
      });
      if (ready) parcel.push(item);
      if (parcel.length === PARCEL) break;
    }
    return parcel;
  }

  async #parcelSent(parcel) {
    const body = () => JSON.stringify({
      device: this.device,
      user: this.user.id,
      sent_at: new Date().toISOString(),
      items: parcel.map((item) => Object.fromEntries(FIELDS.map((name) => [name, item[name]]))),
    });
    const answer = await this.post(this.urls.sync, body);
    if (!answer) return false;
    this.skew = answer.skew;
    await this.store.put("meta", "skew", answer.skew);
    for (const result of answer.results) await this.#settle(result);
    this.#changed();
    return answer.results.some((result) => result.status === "sent");
  }

  async #settle({ uid, status, sentence, ...more }) {
    const item = this.find(uid);
    if (!item) return;
    const state = { sent: "sent", held: "waiting", conflict: "conflict" }[status] ?? "refused";
    Object.assign(item, { state, sentence, more, line: more.line || item.line, why: status, sent_at: state === "sent" ? new Date().toISOString() : null });
    await this.store.put("items", uid, item);
    if (state === "sent") this.dispatchEvent(new CustomEvent("sent", { detail: item }));
  }

  /** POST as this user; null when it did not get through, with the reason in `problem`. */
  async post(url, body, retry = true) {
    try {
      const content = body();
      const response = await fetch(url, {
        method: "POST",
        body: content,
        credentials: "same-origin",
        signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
        headers: {
          "X-CSRFToken": /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "",
          ...(typeof content === "string" ? { "Content-Type": "application/json" } : {}),
        },
      });
      this.reachable = true;
      const said = await response.json().catch(() => ({}));
      this.expired = response.status === 401;
      if (response.status === 403 && !said.sentence && retry && (await this.renew())) return this.post(url, body, false);
      this.problem = response.ok ? "" : said.sentence ?? "";
      if (!response.ok && response.status !== 422) this.#changed();
      return response.ok ? said : response.status === 422 ? { refused: said.sentence } : null;
    } catch (unreachable) {
      this.reachable = false;
      this.#changed();
      return null;
    }
  }

  /** Photographs follow their records. */
  async #photos() {
    for (const item of this.items.filter((one) => one.state === "sent" && one.photo?.state === "waiting")) {
      const picture = await this.store.get("photos", item.photo.uid);
      const blob = picture && asBlob(picture);
      const answer = blob && await this.post(this.urls.photo(item), () => {
        const form = new FormData();
        form.append("uid", item.photo.uid);
        form.append("photo", blob, "photo.jpg");
        return form;
      });
      if (blob && !answer) return;
      item.photo = { ...item.photo, state: answer && !answer.refused ? "sent" : "refused", sentence: answer?.refused ?? "" };
      await this.store.put("items", item.uid, item);
      if (item.photo.state === "sent") await this.store.del("photos", item.photo.uid);
      this.#changed();
    }
  }

  async #tidy() {
    const sent = this.items.filter((item) => item.state === "sent" && item.photo?.state !== "waiting");
    for (const item of sent.slice(0, Math.max(0, sent.length - KEPT_SENT))) await this.remove(item.uid);
  }

  /** Everything unsent as text, to be sealed before it leaves the phone. */
  async exported() {
    const items = this.items.filter((item) => item.state !== "sent" || item.photo?.state === "waiting");
    const photos = {};
    for (const item of items) {
      if (item.photo) photos[item.photo.uid] = await this.store.get("photos", item.photo.uid);
    }
    return JSON.stringify({
      format: FORMAT, user: this.user.id, user_name: this.user.name, device: this.device, skew: Math.round(this.skew), items, photos,
    });
  }

  /** Take in what the platform opened. `may(producer)` says whether this user acts for it; `words` the sentences. */
  async imported(given, may, words) {
    let taken = 0;
    for (const item of given.items.sort((one, other) => one.seq - other.seq)) {
      if (!item.uid || !may(item.producer)) continue;
      const here = this.find(item.uid);
      if (here && JSON.stringify(here.answers) === JSON.stringify(item.answers)) continue;
      const twin = here ? { uid: newUid(), state: "refused", sentence: words.imported_twin } : {};
      if (item.photo && given.photos?.[item.photo.uid]) await this.store.put("photos", item.photo.uid, given.photos[item.photo.uid]);
      await this.put({ ...item, seq: this.#next(), user: this.user.id, user_name: this.user.name, made_by: item.made_by ?? given.user, ...twin });
      taken += 1;
    }
    return { taken, left: given.left + given.items.length - taken };
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function asBlob(dataUrl) {
  const [head, body] = dataUrl.split(",");
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: /data:([^;]+)/.exec(head)[1] });
}
