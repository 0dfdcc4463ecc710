// The pages of the frame beside entering: what to do, what was saved, the queue, and deciding a conflict.
import { button, day, fill, h, newUid, notice, spoken } from "./dom.js";
import { canClose, closed } from "./envelope.js";

/** 今天做了什么: a button an act, then the last records to repeat. */
export function acts(app) {
  const { words, pack } = app;
  return [
    h("h1", { tabindex: "-1" }, words.acts),
    helping(app, otherProducer(app)),
    h("ul", { class: "acts" }, pack.nouns.map((noun) => h("li", {},
      h("a", { href: noun.possible ? `#!/new/${noun.noun}` : "#!/no-products" }, h("b", {}, noun.act), h("small", {}, noun.hint)))),
      pack.sell && h("li", { class: "wide" }, h("a", { href: app.urls.sell }, h("b", {}, words.sell_head), h("small", {}, words.sell_hint)))),
    recent(app),
    navigator.onLine && h("p", {}, h("a", { class: "follow", href: app.urls.all }, words.all_records)),
  ];
}

/** A certificate's number and code come from the platform, and it has to go with the goods: no line, no certificate. */
export function sell(app) {
  const { words, pack } = app;
  const harvest = pack.nouns.find((noun) => noun.noun === "harvest");
  return [
    h("h1", { tabindex: "-1" }, words.sell_head),
    notice("warning", words.sell_needs_line, words.sell_why),
    harvest?.possible && h("p", {}, words.sell_meanwhile),
    harvest?.possible && h("p", {}, h("a", { class: "button", href: "#!/new/harvest" }, `${words.sell_first} ${harvest.act}`)),
    h("p", {}, h("a", { class: "follow", href: "#!/acts" }, words.other_act)),
  ];
}

/** Without products on file only purchases can be recorded. */
export function noProducts(app) {
  return [h("h1", { tabindex: "-1" }, app.words.no_products), h("p", {}, app.words.no_products_text),
    h("p", {}, h("a", { class: "button", href: "#!/new/purchase" }, app.words.purchase_first))];
}

/** The frame's own home: what the phone knows, said to be that. */
export function home(app) {
  const { words, producer } = app;
  return [
    h("h1", { class: "greeting", tabindex: "-1" }, producer.name),
    app.elsewhere && notice("warning", words.needs_line, words.needs_line_text),
    lineless(app),
    helping(app),
    h("nav", { class: "actions", "aria-label": words.acts },
      h("a", { class: "button big", href: "#!/acts" }, words.record),
      h("a", { class: "button second big", href: "#!/queue" }, words.queue)),
    recent(app),
    app.packs.others.length > 1 && h("p", {}, otherProducer(app)),
    navigator.onLine && h("p", {}, h("a", { class: "follow", href: location.pathname, click: (event) => { event.preventDefault(); location.hash = ""; location.reload(); } }, words.reload)),
  ];
}

/** That there is no line; in a browser without a worker, what to do before there is none. */
function lineless({ words, workerless }) {
  if (workerless) return notice("", navigator.onLine ? words.no_worker : words.no_line, words.no_worker_text);
  return !navigator.onLine && notice("", words.no_line, words.no_line_text);
}

/** Who is acted for; with several to choose from, the way to the next beside it. */
function helping({ producer, words }, next = null) {
  if (!producer.on_behalf && !next) return null;
  const said = producer.on_behalf ? fill(words.helping, { name: producer.name }) : producer.name;
  return h("p", { class: producer.on_behalf ? "acting helping" : "acting" }, said, " ", next);
}

function otherProducer({ packs, words }) {
  return packs.others.length > 1 ? h("a", { class: "follow", href: "#!/choose" }, words.other_producer) : null;
}

function recent(app) {
  const { words, pack, queue } = app;
  const own = queue.items.filter((item) => item.producer === app.producer.id && item.state !== "draft" && !item.more?.reversed).slice(-5).reverse();
  const known = new Set(own.map((item) => item.uid));
  const today = day(queue.now());
  const rows = [
    ...own.map((item) => ({ uid: item.uid, act: item.act, day: item.answers.occurred_on, line: item.line, href: `#!/item/${item.uid}`, state: item.state })),
    ...pack.recent.filter((row) => !known.has(row.uid)).map((row) => ({ ...row, href: row.url })),
  ];
  if (!rows.length) return null;
  return h("section", {}, h("h2", {}, words.recent), h("ul", { class: "results entries" }, rows.map((row) => h("li", {},
    h("a", { class: "entry", href: row.href }, h("span", { class: "act" }, row.act), h("span", { class: "day" }, row.day ? spoken(row.day, words, today) : ""),
      h("span", { class: "line" }, row.line), row.state && tag(words, row.state)),
    h("a", { class: "again", href: `#!/again/${row.uid}`, "aria-label": fill(words.again_of, { line: row.line }) }, words.again)))));
}

const TAGS = { sent: "ok", waiting: "", draft: "", refused: "danger", conflict: "danger" };

/** The state in a word. */
export function tag(words, state) {
  return h("span", { class: `tag ${TAGS[state]}`.trim() }, words.states[state]);
}

/** What became of one item, kept up to date while it is sent. */
export function saved(app, item) {
  const { words, queue } = app;
  const first = { waiting: item.noun === "use" && app.firstDay(item), sent: item.more?.said }[item.state];
  const state = {
    waiting: () => [notice("ok", words.kept, !navigator.onLine || !queue.reachable ? words.kept_text : words.sending), held(app, item), expired(app)],
    sent: () => notice("ok", words.sent_head, words.sent_text),
    refused: () => refused(app, item),
    conflict: () => conflict(app, item),
    draft: () => h("p", {}, h("a", { class: "button", href: `#!/item/${item.uid}/~` }, words.go_on)),
  }[item.state]();
  return [
    h("h1", { tabindex: "-1" }, item.act, " ", tag(words, item.state)),
    state,
    first && h("p", { class: `notice ${item.more?.tone ?? "ok"} first-day` }, h("strong", {}, first)),
    facts([[words.producer, item.producer_name + (item.on_behalf ? `（${words.on_behalf}）` : "")], ...(item.summary ?? []), item.answers.occurred_on && [words.day, spoken(item.answers.occurred_on, words, day(queue.now()))]].filter(Boolean)),
    photoState(app, item),
    h("div", { class: "buttons" },
      item.state === "sent" && item.more?.url && h("a", { class: "button", href: item.more.url }, words.see),
      item.state === "sent" && h("a", { class: "button second", href: `#!/mend/${item.uid}` }, words.mend),
      item.state === "waiting" && h("a", { class: "button second", href: `#!/item/${item.uid}/~`, click: () => queue.put({ ...item, state: "draft" }) }, words.change),
      h("a", { class: "button second", href: `#!/again/${item.uid}` }, words.again),
      h("a", { class: "button second", href: "#!/acts" }, words.another),
      h("a", { class: "button second", href: app.urls.home, click: (event) => app.home(event) }, words.home)),
  ];
}

/** What an item builds on must be taken first; a person has to settle that one. */
function held(app, item) {
  const needed = (item.needs ?? []).map((uid) => app.queue.find(uid)).find((one) => one && ["draft", "refused", "conflict"].includes(one.state));
  return needed && [notice("warning", app.words.held, needed.line), h("p", {}, h("a", { class: "button", href: `#!/item/${needed.uid}` }, app.words.held_look))];
}

function photoState(app, item) {
  const { words } = app;
  if (!item.photo) return null;
  const said = { waiting: words.photo_waiting, sent: words.photo_sent, refused: item.photo.sentence };
  return h("p", { class: item.photo.state === "refused" ? "notice error" : "muted" }, `${words.photo}：${said[item.photo.state]}`);
}

function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
}

function expired(app) {
  const { words, queue } = app;
  if (queue.expired) {
    return h("div", { class: "notice warning", role: "alert" }, h("strong", {}, words.expired), h("p", {}, words.expired_text),
      h("p", {}, h("a", { class: "button", href: `${app.urls.login}?next=${encodeURIComponent(app.urls.home)}` }, words.log_in)));
  }
  return queue.problem && notice("warning", words.not_sent, queue.problem);
}

function refused(app, item) {
  const { words, queue } = app;
  const first = item.more?.faults?.[0]?.question;
  return [
    notice("error", words.refused_head, item.sentence),
    h("div", { class: "buttons" },
      item.editable !== false && h("a", { class: "button", href: `#!/item/${item.uid}/${item.why === "clock" ? "when" : first ?? "~"}` }, words.correct),
      item.why === "clock" && button(words.send_as_is, async () => { await queue.put({ ...item, state: "waiting", sure: true }); queue.send(); }, "second"),
      item.why !== "clock" && button(words.try_again, async () => { await queue.put({ ...item, state: "waiting" }); queue.send(); }, "second"),
      remove(app, item)),
  ];
}

function remove(app, item) {
  const { words, queue } = app;
  let asked = false;
  const drop = button(words.remove, async () => {
    if (!asked) { asked = true; drop.textContent = words.remove_sure; return; }
    await queue.remove(item.uid);
    app.go("#!/queue");
  }, "danger");
  return drop;
}

/** Both versions beside each other; nothing happens until the person has decided. */
function conflict(app, item) {
  const { words, queue } = app;
  const { theirs } = item.more;
  const anew = async (more) => {
    const made = await queue.put({ ...item, uid: newUid(), seq: item.seq, state: "waiting", sentence: "", more: {}, replaces: null, ...more });
    await queue.remove(item.uid, Boolean(item.photo));
    app.go(`#!/saved/${made.uid}`);
    queue.send();
  };
  return [
    notice("error", words.conflict_head, item.sentence),
    h("h2", {}, fill(words.theirs, { by: theirs.by, at: theirs.at })),
    theirs.reversed && notice("warning", "", words.theirs_reversed),
    facts(theirs.facts),
    h("div", { class: "buttons" },
      button(words.keep_theirs, async () => { await queue.remove(item.uid); app.go("#!/queue"); }),
      button(words.keep_mine, () => anew({ replaces: theirs.reversed ? null : theirs.uid }), "second"),
      button(words.keep_both, () => anew({}), "second")),
    h("h2", {}, words.mine),
  ];
}

/** 发送情况: everything on this phone by state, and what to do when it fails. */
export function queuePage(app) {
  const { words, queue } = app;
  const count = queue.counts();
  const order = ["conflict", "refused", "waiting", "draft", "sent"];
  return [
    h("h1", { tabindex: "-1" }, words.queue),
    expired(app),
    lineless(app),
    clock(app),
    app.store.kind !== "indexeddb" && notice("warning", "", words.fallback),
    queue.foreign.length > 0 && notice("warning", "", fill(words.foreign, { count: queue.foreign.length, name: queue.foreign[0].user_name })),
    count.waiting > 0 && h("p", {}, button(words.send_now, () => queue.send())),
    order.filter((state) => count[state]).map((state) => h("section", {},
      h("h2", {}, `${words.states[state]} ${count[state]}`),
      h("p", { class: "muted" }, words.state_hints[state]),
      h("ul", { class: "results entries" }, queue.items.filter((item) => item.state === state).slice(state === "sent" ? -10 : 0).map((item) => h("li", {},
        h("a", { class: "entry", href: `#!/item/${item.uid}` },
          h("span", { class: "act" }, item.act), h("span", { class: "day" }, item.answers.occurred_on ? spoken(item.answers.occurred_on, words, day(queue.now())) : ""),
          h("span", { class: "line" }, [item.line, item.on_behalf && item.producer_name].filter(Boolean).join(" · ")),
          item.sentence && h("span", { class: "line muted" }, item.sentence))))))),
    !queue.items.length && h("p", {}, words.nothing),
    handing(app),
  ];
}

function clock(app) {
  const { queue, words } = app;
  if (!queue.clockWrong()) return null;
  const seconds = Math.abs(queue.skew);
  const amount = seconds >= 86400 ? fill(words.days_off, { count: Math.round(seconds / 86400) })
    : seconds >= 3600 ? fill(words.hours_off, { count: Math.round(seconds / 3600) }) : fill(words.minutes_off, { count: Math.round(seconds / 60) });
  return notice("warning", words.clock_head, fill(queue.skew > 0 ? words.clock_slow : words.clock_fast, { amount }));
}

/** Handing the queue over as a file or as text, and taking one in. */
function handing(app) {
  const { words, queue } = app;
  const text = h("textarea", { id: "id_handed", rows: "5", spellcheck: "false" });
  const said = h("p", { role: "status" });
  // Only the platform opens such a file, so taking one in needs a line; recording and exporting do not.
  const take = async (content) => {
    const answer = await queue.post(app.urls.open, () => {
      const form = new FormData();
      form.append("file", content, "queue.json");
      return form;
    });
    if (!answer || answer.refused !== undefined) { said.textContent = (answer ? answer.refused : queue.problem) || words.import_line; return; }
    const { taken, left } = await queue.imported(answer, (producer) => app.mayActFor(producer), words);
    said.textContent = fill(words.imported, { taken, left });
    queue.send();
  };
  const sealed = async (use) => {
    if (!canClose()) { said.textContent = words.no_cipher; return; }
    use(await closed(await queue.exported(), app.envelope));
  };
  const file = h("input", { type: "file", id: "id_file", accept: ".json,application/json", change: async () => { if (file.files[0]) await take(file.files[0]); } });
  return h("details", { class: "further" }, h("summary", {}, words.handing),
    h("p", {}, words.handing_text),
    h("div", { class: "buttons" },
      button(words.export_file, () => sealed((content) => {
        const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
        const link = h("a", { href: address, download: `${words.file_name}-${day(queue.now())}.json` });
        document.body.append(link);
        link.click();
        link.remove();
        setTimeout(() => URL.revokeObjectURL(address), 60e3);
      }), "second"),
      button(words.export_text, () => sealed((content) => { text.value = content; text.focus(); text.select(); }), "second")),
    h("div", { class: "field" }, h("label", { for: "id_file" }, words.import_file), file),
    h("div", { class: "field" }, h("label", { for: "id_handed" }, words.import_text), text),
    button(words.import_do, () => take(new Blob([text.value])), "second"), said);
}

/** For whom: the producers whose packs are on this phone. */
export async function choose(app) {
  const { words, packs } = app;
  const known = await Promise.all(packs.others.map((other) => packs.has(other.id)));
  return [
    h("h1", { tabindex: "-1" }, words.choose_producer),
    h("div", { class: "big-choices" }, packs.others.map((other, at) => {
      const choice = button(other.name, () => app.actFor(other.id), "second big");
      if (other.on_behalf) choice.append(h("small", {}, ` ${words.on_behalf}`));
      choice.disabled = !known[at] && !navigator.onLine;
      return choice;
    })),
  ];
}
