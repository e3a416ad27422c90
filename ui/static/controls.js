// Controls that several views use: a search box with suggestions, a searchable list of checkboxes,
// a question in words before something is changed, and a notice with Undo after it.
import { button, dot, groupColour, later, make, Overtaken } from "./parts.js";

let made = 0;
const SHOWN_AT_ONCE = 100; // more rows of a checklist cannot be looked through: one types instead

// A text box whose suggestions come from `find(text) -> [{label, detail, group, value}]`.
export function combobox({ label, placeholder, find, choose, emptyText, keepText = false }) {
  const id = `kg-suggestions-${(made += 1)}`;
  const input = make("input", "kg-input", undefined, {
    type: "text", role: "combobox", "aria-label": label, placeholder: placeholder ?? label,
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off", spellcheck: "false" });
  const list = make("ul", "kg-suggestions", undefined, { id, role: "listbox", "aria-label": label, hidden: true });
  const box = make("div", "kg-combobox", [input, list]);
  let found = [];
  let at = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const pick = (item) => {
    asked += 1;
    input.value = keepText ? item.label : "";
    close();
    choose(item.value, item);
  };
  const point = (to) => {
    at = found.length ? (to + found.length) % found.length : -1;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (at >= 0) input.setAttribute("aria-activedescendant", `${id}-${at}`);
  };
  const row = (item, index) => {
    const node = make("li", "kg-suggestion", [
      item.group ? dot(groupColour(item.group)) : null, make("bdi", "kg-name", item.label),
      item.detail ? make("span", "kg-about", item.detail) : null],
    { role: "option", id: `${id}-${index}`, "aria-selected": "false" });
    node.addEventListener("pointerdown", (event) => event.preventDefault());
    node.addEventListener("click", () => pick(item));
    return node;
  };
  const suggest = async () => {
    const turn = (asked += 1);
    const answer = await find(input.value.trim()).catch((error) => {
      if (error instanceof Overtaken) return null;
      return [];
    });
    if (turn !== asked || !answer || document.activeElement !== input) return;
    found = answer;
    list.replaceChildren(...(found.length ? found.map(row) : [make("li", "kg-empty", emptyText)]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    at = -1;
  };
  const typed = later((turn) => turn === asked && suggest()); // nothing was picked meanwhile
  input.addEventListener("input", () => typed(asked));
  input.addEventListener("focus", () => {
    if (keepText) input.select();
    suggest();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.hidden ? suggest() : point(at + 1);
    else if (event.key === "ArrowUp") point(at - 1);
    else if (event.key === "Enter" && !list.hidden && found.length) pick(found[Math.max(at, 0)]);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { box, input };
}

// Checkboxes with a box to search them; `change(ids)` gets what is ticked (nothing ticked: all).
export function checklist({ title, say, change, open = false }) {
  const search = make("input", "kg-input", undefined, { type: "search", "aria-label": `${say("common.search")}: ${title}`, placeholder: say("common.search") });
  const rows = make("div", "kg-checks", undefined, { role: "group", "aria-label": title });
  const count = make("span", "kg-badge");
  const box = make("details", "kg-checklist", [
    make("summary", "", [make("span", "", title), count]), search, rows], { open });
  const ticked = new Set();
  let items = [];

  const row = (item) => {
    const tick = make("input", "", undefined, { type: "checkbox" });
    tick.checked = ticked.has(item.id);
    tick.addEventListener("change", () => {
      if (tick.checked) ticked.add(item.id);
      else ticked.delete(item.id);
      paintCount();
      change([...ticked]);
    });
    return make("label", "kg-check", [
      tick, item.group ? dot(groupColour(item.group)) : null, make("bdi", "kg-name", item.label),
      item.count === undefined ? null : make("span", "kg-about", say.number(item.count))]);
  };
  const paintCount = () => { count.textContent = ticked.size ? say.number(ticked.size) : ""; };
  const paint = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    const found = items.filter((item) => item.label.toLocaleLowerCase().includes(wanted));
    const first = found.slice(0, SHOWN_AT_ONCE);
    rows.replaceChildren(...first.map(row));
    const more = found.length - first.length;
    if (more) rows.append(make("p", "kg-empty", say("common.more", { n: more })));
    if (!found.length) rows.append(make("p", "kg-empty", say("common.nothing")));
    search.hidden = items.length <= 8;
    paintCount();
  };
  search.addEventListener("input", paint);
  return {
    box,
    chosen: () => [...ticked],
    fill(given) {
      items = given;
      const ids = new Set(given.map((item) => item.id));
      for (const id of [...ticked]) if (!ids.has(id)) ticked.delete(id);
      paint();
    },
    clear() {
      ticked.clear();
      search.value = "";
      paint();
    },
  };
}

// A question in words with two buttons; `act` may be asynchronous and may fail.
export function confirmation(kit, { words, yes, act, no }) {
  const box = make("div", "kg-confirmation", make("p", "", words), { role: "group" });
  const go = button("kg-button kg-dangerous", yes, () => kit.run(box, async () => {
    go.disabled = true;
    try { await act(); } finally { go.disabled = false; }
  }));
  box.append(make("div", "kg-actions", [go, button("kg-button", kit.say("common.cancel"), no)]));
  requestAnimationFrame(() => go.focus());
  return box;
}

// Says what was done, with Undo, until it is dismissed or something else is done.
export function undoNotice(host, kit, text, undo) {
  host.querySelector(":scope > .kg-toast")?.remove();
  const toast = make("div", "kg-toast", make("span", "", text), { role: "status" });
  const back = button("kg-button", kit.say("common.undo"), () => kit.run(toast, async () => {
    back.disabled = true;
    try { await undo(); } finally { back.disabled = false; }
    toast.remove();
  }));
  toast.append(back, button("kg-close-plain", "×", () => toast.remove(), { "aria-label": kit.say("common.close") }));
  host.append(toast);
}
