// Entering one record: the questions one after the other, the last page, and into the queue.
import { button, day, fill, h, newUid, notice, spoken } from "./dom.js";
import { resolve } from "./packs.js";
import { shrunk } from "./photo.js";
import { bannedName, drawn, faults, read, said } from "./questions.js";

const CHECK_PATIENCE = 4000;
const LOOK_UP_PATIENCE = 2500;
// The questions whose answers tell one record from another in a list.
const IN_LINE = ["product", "plot", "what", "pest", "vaccine", "begun", "harmless", "packed", "returned", "batch", "test", "amount", "buyer"];

export class Flow {
  /** `item` holds noun, answers and perhaps a state; `app` is the frame around it. */
  constructor(app, item) {
    this.app = app;
    this.item = item;
    this.noun = app.pack.nouns.find((one) => one.noun === item.noun);
    app.answers = item.answers;
  }

  /** A new item of a noun; `like` are answers to begin with. */
  static begun(app, noun, like = {}, more = {}) {
    const given = app.pack.nouns.find((one) => one.noun === noun)?.given ?? {};
    return {
      uid: newUid(),
      noun,
      producer: app.producer.id,
      producer_name: app.producer.name,
      on_behalf: app.producer.on_behalf,
      answers: { ...given, ...like },
      state: "draft",
      ...more,
    };
  }

  /** The questions that must be asked under the answers so far. */
  questions() {
    const own = this.item.questions;
    const answers = this.branching();
    return this.noun.questions
      .map((tree) => own?.find((one) => one.slug === tree.slug)?.q ?? resolve(tree, answers))
      .filter(Boolean);
  }

  /** The answers as the pack's trees know them: an unsent purchase counts as something named by hand. */
  branching() {
    let answers = this.item.answers;
    for (const item of this.app.queue.items) {
      const field = Object.keys(answers).find((name) => answers[name] === item.uid);
      if (field) answers = { ...item.answers, ...answers, [field]: "other" };
    }
    return answers;
  }

  /** The first question without a valid answer, the last page at the latest. */
  open() {
    const questions = this.questions();
    return questions.find((question, at) => at === questions.length - 1 || this.faultsOf(question)) ?? questions.at(-1);
  }

  faultsOf(question) {
    const answers = Object.fromEntries(question.fields.map((field) => [field.name, this.item.answers[field.name] ?? ""]));
    const found = faults(this.app, { ...question, day: false }, answers);
    return Object.keys(found).length ? found : null;
  }

  /** Draw the question of that slug (the first one open when it is not known). */
  draw(slug, errors = null) {
    const questions = this.questions();
    const question = questions.find((one) => one.slug === slug) ?? this.open();
    const at = questions.indexOf(question);
    const last = at === questions.length - 1;
    const found = errors ?? this.serverFaults(question);
    const stop = last && this.stopped(day(this.app.queue.now()));
    const form = h("form", { class: "form ask", novalidate: true, submit: (event) => { event.preventDefault(); this.answered(question, form, last); } },
      found[""] && h("div", { class: "notice error", role: "alert" }, found[""]),
      stop && !found.reason && notice("warning", this.app.words.mind, stop),
      drawn(this.app, question, this.item.answers, found, stop ? ["reason"] : []));
    if (last) form.append(h("div", {}, this.lastPage(questions, stop)));
    else form.append(h("div", { class: "submit" }, h("button", { class: "button", type: "submit" }, this.app.words.next)));
    const begun = this.app.queue.find(this.item.uid);
    return [
      h("p", { class: "crumbs" }, this.back(questions, at),
        h("span", { class: "step" }, fill(this.app.words.step, { act: this.noun.act, number: at + 1, count: questions.length }))),
      h("h1", { tabindex: "-1" }, question.title),
      this.item.replaces && notice("", this.app.words.mending, this.app.words.mending_text),
      form,
      begun && h("p", {}, this.discardButton()),
    ];
  }

  back(questions, at) {
    const { words } = this.app;
    if (at > 0) return h("a", { href: this.address(questions[at - 1].slug) }, words.before);
    return h("a", { href: "#!/acts" }, words.other_act);
  }

  address(slug) {
    return `#!/item/${this.item.uid}/${slug}`;
  }

  /** What the platform refused last time belongs to its question, until it is answered anew. */
  serverFaults(question) {
    const found = {};
    for (const fault of this.item.more?.faults ?? []) {
      if (fault.question === question.slug) {
        const known = question.fields.some((field) => field.name === fault.field) || fault.field === "occurred_on";
        found[known ? fault.field : ""] = fault.message;
      }
    }
    return found;
  }

  async answered(question, form, last) {
    if (form.dataset.answered) return;
    const answers = read(question, form);
    const found = faults(this.app, question, answers);
    const stop = last && !answers.reason && this.stopped(answers.occurred_on);
    if (stop) found.reason = stop;
    if (Object.keys(found).length) {
      this.item.answers = { ...this.item.answers, ...answers };
      this.app.answers = this.item.answers;
      this.app.show(this.draw(question.slug, found));
      document.querySelector(".field.wrong input, .field.wrong select, .notice.error")?.focus();
      return;
    }
    form.dataset.answered = "1";
    this.forget(question, answers);
    this.item.answers = { ...this.item.answers, ...answers };
    this.app.answers = this.item.answers;
    const refused = this.item.more?.faults;
    if (refused) this.item.more = { faults: refused.filter((fault) => fault.question !== question.slug) };
    if (last) { await this.save(form); return; }
    await this.lookUp(question);
    await this.keep();
    const questions = this.questions();
    const at = questions.findIndex((one) => one.slug === question.slug);
    // All else of a refused one is answered: the next fault, or the last page.
    const next = refused ? (this.item.more.faults[0]?.question ?? this.open().slug) : questions[at + 1].slug;
    this.app.go(this.address(this.item.straight ? this.open().slug : next));
  }

  /** A changed choice takes along the answers that were given under it. */
  forget(question, answers) {
    const changed = question.fields.some((field) => field.choices && this.item.answers[field.name] !== undefined && this.item.answers[field.name] !== answers[field.name]);
    if (!changed) return;
    const before = this.questions();
    const own = this.item.questions;
    this.item.questions = undefined;
    this.item.answers = { ...this.item.answers, ...answers };
    const after = this.questions();
    for (const one of after) {
      const old = before.find((other) => other.slug === one.slug);
      if (one.slug === question.slug || !old) continue;
      one.fields.filter((field) => field.choices).forEach((field) => {
        const value = this.item.answers[field.name];
        if (value !== undefined && !this.app.offered(field).some(([key]) => key === value)) delete this.item.answers[field.name];
      });
    }
    this.item.questions = own?.filter((one) => one.slug === question.slug);
  }

  /** Initials or half a name may mean an item of the catalogue: the platform asks which, if it answers quickly. */
  async lookUp(question) {
    if (!question.fields.some((field) => field.name === "name")) return;
    this.item.questions = undefined;
    delete this.item.answers.item;
    const answer = this.item.answers.name && (await this.asked(LOOK_UP_PATIENCE));
    const match = answer?.questions?.find((one) => one.slug === "match");
    if (match) this.item.questions = [match];
  }

  async keep() {
    this.summarise();
    try {
      this.item = await this.app.queue.put({ ...this.item, state: this.item.state === "waiting" ? "draft" : this.item.state });
      this.app.answers = this.item.answers;
    } catch (full) {
      this.app.say("error", this.app.words.full);
    }
  }

  summarise() {
    const questions = this.questions();
    this.item.act = this.noun.record;
    this.item.summary = questions.slice(0, -1).map((question) => [question.title, said(this.app, question, this.item.answers) || this.app.words.empty, question.slug]);
    this.item.line = this.lineOf(questions);
  }

  /** What it is in one line, as the platform will say it: an item chosen in the catalogue stands for what was typed. */
  lineOf(questions) {
    const { item } = this.item.answers;
    const matched = item && item !== "none" && questions.find((question) => question.slug === "match");
    return questions.slice(0, -1).filter((question) => IN_LINE.includes(question.slug))
      .map((question) => said(this.app, matched && question.slug === "what" ? matched : question, this.item.answers, true))
      .filter(Boolean).join(" · ");
  }

  lastPage(questions, stop) {
    const { words } = this.app;
    this.summarise();
    const warnings = h("div", {});
    const submit = h("button", { class: "button", type: "submit" }, stop ? words.save_anyway : words.save);
    const warn = (sentences) => {
      warnings.replaceChildren(...sentences.map((sentence) => notice("warning", words.mind, sentence)));
      submit.textContent = sentences.length ? words.save_anyway : words.save;
    };
    if (!stop) this.check(warn); // what stops it stands above already
    const summary = this.item.summary.map(([title, text, slug]) => h("div", {}, h("dt", {}, title), h("dd", {}, text),
      h("dd", {}, h("a", { href: this.address(slug), "aria-label": fill(words.change_of, { title }), click: () => { this.item.straight = true; } }, words.change))));
    return [
      this.photoField(),
      h("h2", {}, words.look_again),
      h("dl", { class: "summary" }, summary.length ? summary : h("div", {}, h("dt", {}, this.noun.act), h("dd", {}, this.item.line || words.empty))),
      this.clockNotice(),
      warnings,
      h("div", { class: "submit" }, submit),
    ];
  }

  clockNotice() {
    const { queue, words } = this.app;
    return queue.clockWrong() && notice("warning", words.clock_head, fill(words.clock_put_right, { day: spoken(day(queue.now()), words) }));
  }

  /** Why a harvest, or a sale with no batch to name, on that day is stopped until a reason is given, by the intervals
   *  of the pack and of this phone's own unsent uses; "" when it may be. */
  stopped(on) {
    const { answers, noun } = this.item;
    if (noun !== "harvest" && !(noun === "sale" && this.noBatch())) return "";
    const until = this.app.earliest(noun === "sale" ? { product: answers.product } : answers, on);
    const { words } = this.app;
    const [plants, animals] = noun === "sale" ? [words.no_sale, words.no_sale_animals] : [words.too_early, words.too_early_animals];
    const sentence = this.app.ofAnimals(answers) ? animals : plants;
    return until > on ? fill(sentence, { day: spoken(until, words, day(this.app.queue.now())) }) : "";
  }

  /** Whether the product sold has no batch, neither on the platform nor unsent on this phone. */
  noBatch() {
    const { answers } = this.item;
    const own = this.app.queue.items.some((item) => item.noun === "harvest" && item.answers.product === answers.product);
    return !own && !this.questions().some((question) => question.slug === "batch");
  }

  /** Ask the platform, when it answers quickly, what it would warn of; without it the queue's answer will say. */
  async check(warn) {
    const answer = await this.asked(CHECK_PATIENCE);
    if (answer?.warnings?.length) warn(answer.warnings);
  }

  /** What the platform says of the answers so far; nothing without a line, after a while, or of unsent records. */
  async asked(patience) {
    const { urls, queue } = this.app;
    if (!navigator.onLine || Object.values(this.item.answers).some((value) => queue.find(value))) return null;
    return Promise.race([
      queue.post(urls.check, () => JSON.stringify({ producer: this.item.producer, noun: this.item.noun, answers: this.item.answers })),
      new Promise((resolve) => { setTimeout(resolve, patience); }),
    ]);
  }

  photoField() {
    const { words } = this.app;
    const said = h("p", { class: "helptext", role: "status" }, this.item.photo ? words.photo_kept : words.photo_hint);
    const shown = h("div", { class: "preview" });
    const input = h("input", {
      type: "file", accept: "image/*", id: "id_photo", class: "hidden-visually",
      change: async () => {
        const [file] = input.files;
        if (!file) return;
        try {
          const picture = await shrunk(file);
          const uid = newUid();
          await this.app.store.put("photos", uid, picture);
          this.item.photo = { uid, state: "waiting" };
          said.textContent = words.photo_kept;
          shown.replaceChildren(h("img", { src: picture, alt: words.photo }));
        } catch (refused) {
          said.textContent = refused.name === "QuotaExceededError" ? words.full : words.no_photo;
          input.value = "";
        }
      },
    });
    return h("div", { class: "field photo-field" }, h("p", { class: "label" }, words.photo), said,
      input, h("label", { class: "button second", for: "id_photo" }, words.photo_take), shown);
  }

  /** Into the queue, and off it goes if there is reception. */
  async save(form) {
    const { queue, words } = this.app;
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    const banned = bannedName(this.app.pack.banned, this.branching());
    if (banned) { delete form.dataset.sent; this.app.show(this.draw(this.questions().at(-1).slug, { "": banned.sentence })); return; }
    this.summarise();
    const needs = Object.values(this.item.answers).filter((value) => queue.find(value) && queue.find(value).state !== "sent");
    const { straight, more, why, ...item } = this.item;
    const made = this.item.state === "draft" || !this.item.made_at ? new Date().toISOString() : this.item.made_at;
    try {
      await queue.put({ ...item, state: "waiting", sentence: "", needs, made_at: made, sure: queue.clockWrong() || why === "clock" || this.item.sure === true });
    } catch (full) {
      delete form.dataset.sent;
      this.app.say("error", words.full);
      return;
    }
    this.app.go(`#!/saved/${item.uid}`);
    queue.send();
  }

  /** Erase what was begun. */
  discardButton() {
    return button(this.app.words.discard, async () => { await this.app.queue.remove(this.item.uid); this.app.go("#!/acts"); }, "second");
  }
}
