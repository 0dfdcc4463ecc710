// Drawing and reading one question. The fields are those of the platform's own forms, as data.
import { day, fill, h, spoken } from "./dom.js";

const DAYS_BACK = 3;

/** The form of a question with the answers so far; `app` gives words, the clock and the queue, `demanded` names
 *  fields of the last page that are asked for this time. */
export function drawn(app, question, answers, errors = {}, demanded = []) {
  const rows = question.fields.map((field) => drawnField(app, field, valueOf(field, answers), errors[field.name]));
  if (!question.day) return rows;
  const further = question.fields.map((field, at) => (question.further.includes(field.name) ? rows[at] : null));
  // A reason stands there only once it is asked for.
  const asked = (field) => !question.on_demand?.includes(field.name) || demanded.includes(field.name) || errors[field.name] || valueOf(field, answers);
  const main = rows.filter((row, at) => !further.includes(row) && asked(question.fields[at]));
  return [
    dayField(app, answers, errors),
    ...main,
    h("details", { class: "further" }, h("summary", {}, app.words.further), further),
  ];
}

function valueOf(field, answers) {
  return answers[field.name] ?? field.initial ?? "";
}

function drawnField(app, field, value, error) {
  const id = `id_${field.name}`;
  const hint = field.hint && h("div", { class: "helptext", id: `${id}_helptext` }, field.hint);
  const said = error && h("ul", { class: "errorlist", id: `${id}_error` }, h("li", {}, error));
  const wrong = error ? "field wrong" : "field";
  if (field.type === "radio") {
    return h("div", { class: wrong }, h("fieldset", {}, h("legend", {}, field.label), hint, said,
      radios(field.name, offered(app, field), value)));
  }
  return h("div", { class: wrong }, h("label", { for: id }, field.label), hint, said, control(app, field, id, value, error));
}

function radios(name, choices, value) {
  return h("div", {}, choices.map(([key, label], at) => {
    const input = h("input", { type: "radio", name, value: key, id: `id_${name}_${at}` });
    input.checked = key === value;
    return h("div", {}, h("label", { for: `id_${name}_${at}` }, input, " ", label));
  }));
}

/** What may be chosen: the pack's, and what this phone recorded itself and has not sent. */
export function offered(app, field) {
  if (!field.refers) return field.choices;
  const known = new Set(field.choices.map(([key]) => key));
  const own = app.queue.items
    .filter((item) => item.noun === field.refers && item.producer === app.producer.id && !known.has(item.uid))
    .filter((item) => item.state !== "draft" && (!item.answers.product || !app.answers.product || item.answers.product === app.answers.product))
    .map((item) => [item.uid, item.state === "sent" ? item.line : `${item.line} · ${app.words.unsent}`])
    .reverse();
  return [...own, ...field.choices];
}

function control(app, field, id, value, error) {
  const common = {
    id, name: field.name,
    "aria-describedby": [field.hint && `${id}_helptext`, error && `${id}_error`].filter(Boolean).join(" ") || null,
    "aria-invalid": error ? "true" : null,
  };
  if (field.type === "select") {
    const select = h("select", common, offered(app, field).map(([key, label]) => h("option", { value: key }, label)));
    if (value !== "") select.value = value;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
    return select;
  }
  const kinds = {
    decimal: { type: "number", inputmode: "decimal", step: "any" },
    integer: { type: "number", inputmode: "numeric", step: "1" },
    date: { type: "date" },
    text: { type: "text", maxlength: field.max_length },
  };
  return h("input", { ...common, ...kinds[field.type], value });
}

function dayField(app, answers, errors) {
  const { words } = app;
  const choices = Array.from({ length: DAYS_BACK }, (_nothing, back) => {
    const iso = day(new Date(app.queue.now().getTime() - back * 86400e3));
    return [iso, `${words.days[back]}（${spoken(iso, words)}）`];
  });
  const chosen = answers.occurred_on ?? choices[0][0];
  const near = choices.some(([iso]) => iso === chosen);
  const input = h("input", { type: "date", name: "occurred_on", id: "id_occurred_on", value: near ? "" : chosen });
  return [
    h("div", { class: "field" }, h("fieldset", {}, h("legend", {}, words.day),
      radios("day", [...choices, ["other", words.earlier]], near ? chosen : "other"))),
    h("div", { class: errors.occurred_on ? "field wrong" : "field" },
      h("label", { for: "id_occurred_on" }, words.other_day),
      errors.occurred_on && h("ul", { class: "errorlist" }, h("li", {}, errors.occurred_on)), input),
  ];
}

/** The answers a form holds, as the platform's own form would send them. */
export function read(question, form) {
  const data = new FormData(form);
  const answers = {};
  question.fields.forEach((field) => { answers[field.name] = String(data.get(field.name) ?? "").trim(); });
  if (question.day) {
    const chosen = data.get("day");
    answers.day = "other";
    answers.occurred_on = chosen === "other" ? String(data.get("occurred_on") ?? "") : String(chosen ?? "");
  }
  return answers;
}

/** What is wrong with the answers, by field; the platform looks at everything again. */
export function faults(app, question, answers) {
  const { words } = app;
  const found = {};
  for (const field of question.fields) {
    const value = answers[field.name];
    const said = value === "" ? (field.required ? (field.type === "radio" ? words.choose : words.required) : "") : wrongValue(words, field, value, app);
    if (said) found[field.name] = said;
  }
  // What is taken from a record of this phone needs nothing written: the pack did not know of it when it was made.
  const needs = takenFrom(question, answers).length ? [] : question.needs ?? [];
  for (const [name, value, needed, sentence] of needs) {
    if (answers[name] === value && answers[needed] === "" && !found[needed]) found[needed] = sentence;
  }
  if (question.day && !/^\d{4}-\d\d-\d\d$/.test(answers.occurred_on)) found.occurred_on = words.choose_day;
  else if (question.day && answers.occurred_on > day(new Date(app.queue.now().getTime() + 86400e3))) found.occurred_on = words.future;
  const banned = bannedName(app.pack.banned, answers);
  if (banned) found[banned.field] = banned.sentence;
  return found;
}

function wrongValue(words, field, value, app) {
  if (field.type === "decimal" || field.type === "integer") {
    const number = Number(value);
    if (!Number.isFinite(number) || (field.type === "integer" && !Number.isInteger(number))) return words.number;
    if (field.min_value !== undefined && number < field.min_value) return fill(words.at_least, { least: field.min_value });
    if (field.max_value !== undefined && number > field.max_value) return fill(words.at_most, { most: field.max_value });
    if (field.decimal_places !== undefined && (value.split(".")[1] ?? "").length > field.decimal_places) return fill(words.places, { places: field.decimal_places });
  }
  if (field.choices && !offered(app, field).some(([key]) => key === value)) return words.choose;
  return "";
}

/** A banned input is refused on the spot: the longest known name inside what was written decides. */
export function bannedName(lists, answers) {
  const names = lists?.[answers.kind];
  if (!names) return null;
  for (const field of ["name", "ingredient"]) {
    let rest = (answers[field] ?? "").normalize("NFKC").toLowerCase().replace(/\s+/g, "");
    for (const [name, sentence] of names) {
      if (!rest.includes(name)) continue;
      if (sentence) return { field, sentence };
      rest = rest.replaceAll(name, " ");
    }
  }
  return null;
}

/** The answers in words, for the summary and the queue. */
export function said(app, question, answers, brief = false) {
  // What is taken from another record needs no further words.
  const taken = takenFrom(question, answers);
  const parts = [];
  for (const field of taken.length ? taken : question.fields) {
    const text = question.day ? "" : saidOf(app, field, answers[field.name] ?? "", brief);
    // A number and its unit are one thing; a unit without a number is none.
    if (field.name !== "unit") parts.push(text);
    else if (parts.at(-1)) parts.push(`${parts.pop()} ${text}`);
  }
  return parts.filter(Boolean).join(" · ");
}

/** The fields that name another record, and one is named. */
function takenFrom(question, answers) {
  return question.fields.filter((field) => field.refers && !["", "other", undefined].includes(answers[field.name]));
}

function saidOf(app, field, value, brief) {
  if (!value || (field.refers && value === "other")) return "";
  if (field.choices) {
    const label = offered(app, field).find(([key]) => key === value)?.[1] ?? value;
    return brief ? label.split(" · ")[0] : label;
  }
  return field.type === "integer" ? `${field.label} ${value}` : value;
}
