// What the client-side views share: elements, words, requests, and when a view has to load.
// Text of documents, people and models reaches the page through `make` alone, as text nodes: never
// as markup. An answer that comes after its question was overtaken is dropped (`Overtaken`).

// As ui/render.py: control characters, marks that turn the direction of text, lone surrogates. One
// unit becomes one unit, so that offsets hold.
const UNSHOWABLE = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
  + "|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]", "g");

export const GROUPS = ["person", "organization", "place", "work", "event", "product", "literal", "other"];

export const PATIENCE_MS = 250; // how long one goes on typing before an answer is asked for

export const showable = (text) => String(text).replace(UNSHOWABLE, "\ufffd");

export function make(tag, className = "", content = undefined, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, showable(value));
  }
  for (const part of [content ?? []].flat()) {
    if (part !== null) node.append(part instanceof Node ? part : showable(part));
  }
  return node;
}

export function button(className, content, act, attributes = {}) {
  const node = make("button", className, content, { type: "button", ...attributes });
  node.addEventListener("click", act);
  return node;
}

export function svg(tag, attributes = {}, text = undefined) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = showable(text);
  return node;
}

export function wikidataLink(id) {
  if (!/^Q\d+$/.test(id ?? "")) return null;
  return make("a", "kg-link", `Wikidata ${id}`, {
    href: `https://www.wikidata.org/wiki/${id}`, target: "_blank", rel: "noopener noreferrer" });
}

export function dot(colour) {
  const mark = make("i", "kg-dot", undefined, { "aria-hidden": "true" });
  mark.style.background = colour;
  return mark;
}

export const groupColour = (group) => `var(--kg-${GROUPS.includes(group) ? group : "other"})`;

export const emit = (name, detail = {}) => window.dispatchEvent(new CustomEvent(`kgrag:${name}`, { detail }));

export const openInRead = (item) =>
  emit("read", { document: item.document_id, start: item.start ?? 0, end: item.end ?? 0 });

export function later(act, wait = PATIENCE_MS) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait);
  };
}

// Words as ui/words.py keeps them: a counted thing has a text for each plural form of Unicode's CLDR
// (English: one, many; Russian: one, few, many), chosen by the place `n`.
export function speaker(words, language) {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const say = (key, values = {}) => {
    const form = typeof values.n === "number" ? rules.select(values.n) : "";
    const text = words[`${key}.${form}`] ?? words[`${key}.many`] ?? words[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? numbers.format(value) : String(value);
    });
  };
  say.number = (value) => numbers.format(value);
  say.percent = (value) => new Intl.NumberFormat(language, { style: "percent" }).format(value);
  return say;
}

export class ServerError extends Error {
  constructor(code, message, status) {
    super(message);
    Object.assign(this, { code, status });
  }
}

export class Overtaken extends Error {}

export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return text ? `${path}?${text}` : path;
}

// The JSON that the service answers; ServerError with the service's own words where it refuses.
export async function api(path, { query, method = "GET", body, signal } = {}) {
  const sent = body === undefined ? {} : {
    headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address(path, query), { method, signal, ...sent }).catch((error) => {
    throw signal?.aborted ? new Overtaken() : new ServerError("unreachable", error.message, 0);
  });
  if (answer.status === 204) return null;
  if (answer.status === 401) location.reload(); // the session has ended: the server leads to the login
  const data = await answer.json().catch(() => {
    throw signal?.aborted ? new Overtaken() : new ServerError("garbled", "", answer.status);
  });
  if (answer.ok) return data;
  throw new ServerError(data?.error?.code ?? "failed", data?.error?.message ?? "", answer.status);
}

const library = () => document.body.dataset.library || "main";

export const libraryPath = (path) => `/api/libraries/${encodeURIComponent(library())}${path}`;

// What a view works with. `load` runs when the view is shown and what it holds is out of date:
// load("library") after another library was chosen, load("changed") after documents or corrections
// changed; `hidden` runs when another view takes its place.
export function viewKit(name, { words, language }, { load, hidden = () => {} }) {
  const say = speaker(words, language);
  const running = new Map();
  let stale = "library";
  let age = 0;

  const isShown = () => document.body.dataset.view === name;

  const wake = () => {
    if (!isShown() || !stale) return;
    const why = stale;
    stale = null;
    load(why);
  };

  const outdate = (why) => {
    stale = stale === "library" ? stale : why;
    if (why === "library") {
      age += 1;
      for (const one of running.values()) one.abort();
    }
    wake();
  };

  // One question a slot: a new one overtakes the last one.
  async function ask(slot, path, { query, ...rest } = {}) {
    running.get(slot)?.abort();
    const control = new AbortController();
    const asked = age;
    running.set(slot, control);
    try {
      const answer = await api(libraryPath(path), { query: { lang: language, ...query }, signal: control.signal, ...rest });
      if (asked !== age || control.signal.aborted) throw new Overtaken();
      return answer;
    } finally {
      if (running.get(slot) === control) running.delete(slot);
    }
  }

  function failure(error, retry) {
    const known = error instanceof ServerError;
    if (!known) console.error(error);
    const plain = known && error.message && error.code !== "unreachable" ? error.message
      : say(known && error.code === "unreachable" ? "common.unreachable" : "common.failed");
    const again = retry ? [button("kg-button", say("common.retry"), retry)] : [];
    return make("div", "kg-notice kg-failure", [make("span", "", plain), ...again], { role: "alert" });
  }

  // Runs a task; meanwhile the box is marked busy, and after a failure holds the words and Retry.
  async function run(box, task) {
    box.querySelector(":scope > .kg-failure")?.remove();
    box.classList.add("kg-busy");
    box.setAttribute("aria-busy", "true");
    const turn = (box.kgTurn = (box.kgTurn ?? 0) + 1);
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof Overtaken)) box.prepend(failure(error, () => run(box, task)));
      return undefined;
    } finally {
      if (box.kgTurn === turn) {
        box.classList.remove("kg-busy");
        box.removeAttribute("aria-busy");
      }
    }
  }

  window.addEventListener("kgrag:library", () => outdate("library"));
  window.addEventListener("kgrag:changed", () => outdate("changed"));
  window.addEventListener("kgrag:view", () => (isShown() ? wake() : hidden()));
  return { say, language, ask, run, failure, isShown, begin: wake };
}
