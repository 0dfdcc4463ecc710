// The frame: who is here, which page of the app is shown, the counter in the header, and when to send.
// It takes over links to entering a record on whatever page is open, so it works without a service worker too.
import { day, fill, h, newUid, spoken } from "./dom.js";
import { Flow } from "./flow.js";
import * as pages from "./pages.js";
import { Packs } from "./packs.js";
import { Queue } from "./queue.js";
import { offered } from "./questions.js";
import { openStore } from "./store.js";

const TABLES = ["meta", "items", "packs", "photos"];
const EVERY = 60e3;
const LIVE = ["queue", "saved", "acts", "home"];

class App {
  constructor(context) {
    Object.assign(this, context);
    this.page = document.querySelector("main#content > .wrap");
    this.view = h("div", { class: "wrap app-view", hidden: true });
    this.page.after(this.view);
    this.badge = document.querySelector("[data-sync]");
  }

  async start() {
    this.store = await openStore("agricredit-my", TABLES);
    this.user = this.context.user ?? (await this.store.get("meta", "user"));
    if (!this.user) { this.nobody(); return; }
    if (this.context.user) await this.store.put("meta", "user", this.context.user);
    this.packs = new Packs({ store: this.store, url: this.urls.pack, user: this.user.id });
    this.queue = new Queue({
      store: this.store, device: await this.device(), user: this.user, renew: () => this.packs.refresh(null, true),
      urls: { sync: this.urls.sync, photo: (item) => `${this.urls.photo}${item.noun}/${item.uid}/` },
    });
    await this.queue.load();
    await this.use(this.context.producer ?? undefined);
    this.listen();
    this.count();
    this.route();
    await this.fetch();
    this.queue.send();
    this.packs.refreshOthers();
  }

  /** Before anybody has logged in on this phone. */
  nobody() {
    if (!this.context.shell) return;
    this.show([h("h1", {}, this.words.log_in), h("p", {}, this.words.nobody),
      h("p", {}, h("a", { class: "button", href: `${this.urls.login}?next=${encodeURIComponent(this.urls.home)}` }, this.words.log_in))]);
  }

  async device() {
    const known = await this.store.get("meta", "device");
    const device = known ?? newUid();
    if (!known) await this.store.put("meta", "device", device);
    return device;
  }

  /** Work for a producer from here on, as far as its pack is on the phone. */
  async use(producer) {
    await this.packs.open(producer);
    this.pack = this.packs.pack;
    this.producer = this.pack?.producer ?? null;
    this.answers ??= {};
    // From here on links to entering a record are the app's.
    if (this.pack) document.documentElement.dataset.offline = "ready";
    return Boolean(this.pack);
  }

  async fetch(force = false) {
    const producer = this.producer?.id ?? this.context.producer ?? null;
    if (await this.packs.refresh(producer, force)) {
      await this.use(producer ?? undefined);
      if (this.packs.skew !== undefined) {
        this.queue.skew = this.packs.skew;
        await this.store.put("meta", "skew", this.packs.skew);
      }
      if (this.pending) { this.pending = false; this.route(); }
    }
    this.count();
  }

  async actFor(producer) {
    if (!(await this.packs.has(producer))) await this.packs.refresh(producer, true);
    if (await this.use(producer)) {
      await this.store.put("meta", `producer-${this.user.id}`, producer);
      this.go("#!/acts");
    }
  }

  mayActFor(producer) {
    return this.packs.others.some((other) => other.id === producer);
  }

  listen() {
    window.addEventListener("hashchange", () => this.route());
    window.addEventListener("online", () => { this.count(); this.lineChanged(); this.queue.send(); });
    window.addEventListener("offline", () => { this.count(); this.lineChanged(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.queue.send(); });
    document.addEventListener("click", (event) => this.clicked(event));
    setInterval(() => { if (this.queue.counts().waiting) this.queue.send(); }, EVERY);
    this.queue.addEventListener("change", () => { this.count(); this.redraw(); });
    this.queue.addEventListener("sent", () => {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.fetch(true), 500);
    });
  }

  /** Links that the app answers itself: entering, repeating, and without a line all of the portal's. */
  clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download")) return;
    const address = new URL(link.href);
    if (address.origin !== location.origin) return;
    if (address.pathname === this.urls.logout) { event.preventDefault(); this.packs.forget().finally(() => { location.href = link.href; }); return; }
    if (address.hash.startsWith("#!/") || !address.pathname.startsWith(this.urls.home)) return;
    const target = this.pack && this.own(address);
    if (!target) return;
    event.preventDefault();
    this.go(target);
  }

  own(address) {
    const path = address.pathname.slice(this.urls.home.length);
    const [, noun] = /^records\/new\/(\w+)\/$/.exec(path) ?? [];
    const entry = this.pack.nouns.find((one) => one.noun === noun);
    if (entry?.possible) return `#!/new/${noun}${address.search}`;
    const [, uid] = /^records\/\w+\/([0-9a-f-]{36})\/again\/$/.exec(path) ?? [];
    if (uid && this.like(uid)) return `#!/again/${uid}`;
    // A phone with bars and no line says it is online: what the app can show it shows without asking.
    if (path === "records/" && !address.search) return "#!/acts";
    if (navigator.onLine) return "";
    if (path === "records/" || entry) return "#!/acts";
    if (path.startsWith("certificates/")) return "#!/sell";
    return path === "" ? "#!/home" : "#!/elsewhere";
  }

  home(event) {
    if (navigator.onLine && !this.context.shell) return;
    if (!navigator.onLine) { event.preventDefault(); this.go("#!/home"); }
  }

  /** A record like which another can be made: one of this phone's own, or of the pack's last ones. */
  like(uid) {
    // What the platform has taken it says in its own words: an item of the catalogue instead of two initials.
    const taken = this.pack?.recent.find((row) => row.uid === uid);
    const item = this.queue.find(uid);
    return taken ?? (item && { noun: item.noun, answers: item.answers, questions: item.questions });
  }

  go(hash) {
    if (location.hash === hash) this.route(); else location.hash = hash;
  }

  /** Show what the address names; without a name of ours the page as it came. */
  route() {
    const hash = location.hash.startsWith("#!/") ? location.hash.slice(3) : this.byPath();
    const [path, search = ""] = hash.split("?");
    const [name, ...rest] = path.split("/");
    this.name = name;
    if (!name) { this.view.hidden = true; this.page.hidden = false; return; }
    if (!this.pack && !["queue", "saved"].includes(name)) { this.pending = true; this.show([h("h1", {}, this.words.first_line), h("p", {}, this.words.first_line_text)]); return; }
    const draw = this[`on_${name.replace("-", "_")}`] ?? this.on_home;
    draw.call(this, rest, new URLSearchParams(search));
  }

  /** In the empty frame the address of the page that could not be fetched says what was wanted. */
  byPath() {
    if (!this.context.shell) return "";
    const path = location.pathname.slice(this.urls.home.length);
    const [, noun] = /^records\/new\/(\w+)\/$/.exec(path) ?? [];
    if (noun) return `new/${noun}${location.search}`;
    const [, uid] = /^records\/\w+\/([0-9a-f-]{36})\/again\/$/.exec(path) ?? [];
    if (uid) return `again/${uid}`;
    if (path === "records/") return "acts";
    if (path.startsWith("certificates/")) return "sell";
    return path === "" || path === "app/" ? "home" : "elsewhere";
  }

  on_home() { this.elsewhere = false; this.show(pages.home(this)); }

  on_elsewhere() { this.elsewhere = true; this.show(pages.home(this)); }

  on_acts() { this.show(pages.acts(this)); }

  on_no_products() { this.show(pages.noProducts(this)); }

  on_sell() { this.show(pages.sell(this)); }

  on_queue() { this.show(pages.queuePage(this)); }

  async on_choose() { this.show(await pages.choose(this)); }

  on_new([noun], search) {
    const entry = this.pack.nouns.find((one) => one.noun === noun);
    if (!entry) { this.on_acts(); return; }
    if (!entry.possible) { this.show(pages.noProducts(this)); return; }
    const names = ["at", "from", "straight", "uid"];
    const like = Object.fromEntries([...search].filter(([name]) => !names.includes(name)));
    // A page of the platform may have asked for one question, to come straight back to the last page.
    const item = Flow.begun(this, noun, like);
    this.begin({ ...item, straight: search.has("straight") }, search.get("at") ?? undefined);
  }

  on_again([uid]) {
    const found = this.like(uid);
    if (!found) { this.on_acts(); return; }
    const { day: _day, occurred_on: _on, remark: _remark, ...like } = found.answers;
    const flow = Flow.begun(this, found.noun, like, { questions: found.questions });
    this.begin(flow, this.pack.nouns.find((one) => one.noun === found.noun)?.changing);
  }

  /** A sent record of this phone, written anew: the platform takes the old one back. */
  on_mend([uid]) {
    const item = this.queue.find(uid);
    if (item?.state !== "sent" || item.producer !== this.producer.id) { this.on_saved([uid]); return; }
    this.begin(Flow.begun(this, item.noun, item.answers, { replaces: uid, questions: item.questions }), "when");
  }

  begin(item, at) {
    this.flow = new Flow(this, item);
    const questions = this.flow.questions();
    const slug = at === undefined ? questions[0].slug : at === questions.at(-1).slug ? this.flow.open().slug : at;
    history.replaceState(null, "", this.flow.address(slug));
    this.name = "item";
    this.show(this.flow.draw(slug));
  }

  async on_item([uid, slug]) {
    let item = this.flow?.item.uid === uid ? this.queue.find(uid) ?? this.flow.item : this.queue.find(uid);
    if (!item) { this.on_acts(); return; }
    if (item.state === "waiting" && slug === "~") item = await this.queue.put({ ...item, state: "draft" });
    if (!slug || !["draft", "refused"].includes(item.state)) { this.on_saved([uid]); return; }
    if (item.producer !== this.producer.id && !(await this.use(item.producer))) { this.on_saved([uid]); return; }
    if (this.flow?.item.uid === uid) this.flow.item = { ...this.flow.item, ...item, straight: this.flow.item.straight, answers: this.flow.item.answers };
    else this.flow = new Flow(this, { ...item, questions: item.more?.questions ?? item.questions });
    this.answers = this.flow.item.answers;
    this.show(this.flow.draw(slug === "~" ? this.flow.open().slug : slug));
  }

  on_saved([uid]) {
    const item = this.queue.find(uid);
    if (!item) { this.on_queue(); return; }
    this.name = "saved";
    this.shown = uid;
    this.show(pages.saved(this, item));
  }

  redraw() {
    if (!LIVE.includes(this.name) || this.view.hidden || this.view.querySelector("details[open]")) return;
    const top = window.scrollY;
    if (this.name === "saved") { const item = this.queue.find(this.shown); if (item) this.view.replaceChildren(...parts(pages.saved(this, item))); }
    else if (this.name === "queue") this.view.replaceChildren(...parts(pages.queuePage(this)));
    window.scrollTo(0, top);
  }

  /** What a page says of the line is true again; the page that was wanted comes when there is one. */
  lineChanged() {
    if (this.view.hidden || this.view.querySelector("details[open]")) return;
    if (this.name === "elsewhere" && this.context.shell && navigator.onLine) location.reload();
    else if (["home", "elsewhere", "acts", "sell", "saved", "queue"].includes(this.name)) this.route();
  }

  show(children) {
    this.page.hidden = true;
    this.view.hidden = false;
    this.view.replaceChildren(...parts(children));
    window.scrollTo(0, 0);
    this.mark();
    const head = this.view.querySelector("h1");
    if (head) { document.title = head.textContent; head.focus({ preventScroll: true }); }
  }

  /** The bottom bar says where one is. */
  mark() {
    const here = { home: "", elsewhere: "", choose: "", sell: "certificates/" }[this.name] ?? "records/";
    document.querySelectorAll(".bottom-nav a").forEach((link) => {
      if (new URL(link.href).pathname === this.urls.home + here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }

  /** A sentence at the top of whatever is shown. */
  say(kind, sentence) {
    this.view.prepend(h("div", { class: `notice ${kind}`, role: "alert" }, sentence));
    window.scrollTo(0, 0);
  }

  /** The counter in the header: always there, in words. */
  count() {
    if (!this.badge) return;
    const { words } = this;
    const count = this.queue.counts();
    const said = ["conflict", "refused", "waiting", "draft"].filter((state) => count[state]).map((state) => `${words.states[state]} ${count[state]}`);
    if (this.queue.expired && count.waiting) said.unshift(words.log_in);
    if (!navigator.onLine) said.unshift(words.no_line_short);
    this.badge.textContent = said.join(" · ") || words.all_sent;
    this.badge.classList.toggle("open", said.length > 0);
    this.badge.closest("li").hidden = false;
  }

  offered(field) {
    return offered(this, field);
  }

  /** The first day on which the answers' product and plot may be harvested, as far as this phone knows of uses up to `on`. */
  earliest(answers, on = "9") {
    const same = (one, other) => !one || !other || one === "none" || other === "none" || one === other;
    const own = this.queue.items
      .filter((item) => item.noun === "use" && item.producer === this.producer.id && ["waiting", "refused", "conflict"].includes(item.state))
      .map((item) => ({ product: answers.product, plot: item.answers.plot, from: item.answers.occurred_on ?? "", until: this.until(item.answers, answers.product) }));
    return [...this.pack.intervals, ...own]
      .filter((one) => one.product === answers.product && same(one.plot, answers.plot) && (one.from ?? "") <= on)
      .reduce((latest, one) => (one.until > latest ? one.until : latest), "");
  }

  /** Animals and what they give go to market; only plants are picked. */
  ofAnimals(answers) {
    return Boolean(this.pack.animals?.includes(answers.product));
  }

  /** Until when a use that was not sent holds back a product: of the same animals each by its own days. */
  until(answers, product) {
    const from = answers.stopped_on || answers.occurred_on;
    const days = answers.product === product ? this.days(answers) : this.daysOfAnimal(answers, product);
    if (!from || !days) return "";
    return new Date(Date.parse(`${from}T00:00:00Z`) + days * 86400e3).toISOString().slice(0, 10);
  }

  /** The days of the label; degree-days come to whole days by the water's temperature. */
  days(answers) {
    const own = this.pack.withdrawals?.[answers.product]?.[1];
    const degrees = Number(answers.degree_days) && Number(answers.water_temperature) ? Math.ceil(Number(answers.degree_days) / Number(answers.water_temperature)) : 0;
    return Math.max(Number(answers.interval_days) || 0, degrees, Number(answers[own]) || 0);
  }

  daysOfAnimal(answers, product) {
    const [treated, wanted] = [this.pack.withdrawals?.[answers.product], this.pack.withdrawals?.[product]];
    return treated && wanted && treated[0] === wanted[0] ? Number(answers[wanted[1]]) || 0 : 0;
  }

  /** 3号地的长豇豆 8月12日起可采收, for a use that has not been sent. */
  firstDay(item) {
    if (item.producer !== this.producer?.id) return "";
    const until = this.earliest(item.answers);
    if (!until || until <= day(this.queue.now())) return "";
    const [plot] = (item.summary ?? []).filter(([, , slug]) => slug === "plot").map(([, text]) => text.split(" · ")[0]);
    const what = [item.answers.plot === "none" ? "" : plot, this.pack.products[item.answers.product]].filter(Boolean);
    const sentence = this.ofAnimals(item.answers) ? this.words.first_day_animals : this.words.first_day;
    return fill(sentence, { what: what.join(" "), day: spoken(until, this.words, day(this.queue.now())) });
  }
}

function parts(children) {
  return children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/** Register the worker, and have it take this page over: what it claimed on activating did not include a page
 *  that was still on its way, and such a page would find nothing without a line. */
async function employ(urls) {
  const { serviceWorker } = navigator;
  await serviceWorker.register(urls.worker, { scope: urls.home });
  const { active } = await serviceWorker.ready;
  if (!serviceWorker.controller) active.postMessage("claim");
}

const given = document.getElementById("my-context");
if (given) {
  const context = JSON.parse(given.textContent);
  const app = new App(context);
  app.start();
  // WeChat's webview and some old browsers refuse the worker; the app then says what that means.
  const refused = () => { app.workerless = true; };
  if ("serviceWorker" in navigator && window.isSecureContext) employ(app.urls).catch(refused);
  else refused();
  navigator.storage?.persist?.();
}
