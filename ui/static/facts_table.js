// The table of facts: sorted by its headings, filtered, a page at a time; a row opens to the
// sentences that state it. What is filtered here is what the exports hold.
import { combobox } from "./controls.js";
import { factLine, retraction, sentencesOf } from "./evidence.js";
import { address, button, dot, emit, groupColour, later, libraryPath, make } from "./parts.js";

const PAGE = 50;
const COLUMNS = ["subject", "relation", "object", "documents", "confidence"];
const FORMATS = ["csv", "graphml", "jsonld", "turtle"];

export function factsTable(kit, notices) {
  const { say } = kit;
  const box = make("div", "kg-facts-table");
  const text = make("input", "kg-input", undefined, { type: "search", placeholder: say("table.search"), "aria-label": say("table.search") });
  const chosen = { type: "", relation: "", document: "" };
  const sorted = { by: "confidence", isDescending: true };
  let offset = 0;

  const pickers = Object.fromEntries(["type", "relation", "document"].map((name) => [name, picker(name)]));
  const bar = make("div", "kg-bar", [text, ...Object.values(pickers).map(({ box: place }) => place),
    button("kg-button", say("table.reset"), () => { clear(); first(); })]);
  const count = make("span", "kg-about", undefined, { role: "status" });
  const body = make("tbody");
  const heads = COLUMNS.map(heading);
  const table = make("table", "kg-table", [make("thead", "", make("tr", "", [make("th", "kg-narrow", make("span", "kg-hidden", say("table.open"))), ...heads])), body]);
  const before = button("kg-button kg-small", say("table.before"), () => go(-PAGE));
  const after = button("kg-button kg-small", say("table.after"), () => go(PAGE));
  const links = make("span", "kg-downloads");
  const frame = make("div", "kg-table-frame", table, { tabindex: 0, "aria-label": say("table.title") });
  box.append(bar, frame, make("div", "kg-bar kg-table-foot", [before, count, after, make("span", "kg-spring"), links]));

  // A filter with suggestions: one of the library's types, relations or documents, or all.
  function picker(name) {
    let items = [];
    const every = { label: say(`table.all_${name}s`), value: "" };
    const control = combobox({
      label: say(`table.${name}`), placeholder: every.label, keepText: true, emptyText: say("common.nothing"),
      find: async (wanted) => {
        const own = items.find(({ value }) => value === chosen[name])?.label;
        const sought = wanted === own ? "" : wanted.toLocaleLowerCase();
        return [every, ...items.filter(({ label }) => label.toLocaleLowerCase().includes(sought)).slice(0, 60)];
      },
      choose: (value, item) => {
        chosen[name] = value;
        control.input.value = value ? item.label : "";
        first();
      } });
    control.input.addEventListener("blur", () => {
      control.input.value = items.find(({ value }) => value === chosen[name])?.label ?? "";
    });
    return {
      box: control.box,
      fill(given) { items = given; },
      clear() { control.input.value = ""; },
    };
  }

  function heading(name) {
    const mark = make("span", "kg-sort", "", { "aria-hidden": "true" });
    const head = make("th", `kg-column-${name}`, button("kg-plain", [say(`table.column_${name}`), mark], () => {
      const isText = ["subject", "relation", "object"].includes(name);
      sorted.isDescending = sorted.by === name ? !sorted.isDescending : !isText;
      sorted.by = name;
      first();
    }), { scope: "col" });
    head.kgPaint = () => {
      const isOwn = sorted.by === name;
      head.setAttribute("aria-sort", isOwn ? (sorted.isDescending ? "descending" : "ascending") : "none");
      mark.textContent = isOwn ? (sorted.isDescending ? "▼" : "▲") : "";
    };
    return head;
  }

  const filters = () => ({ query: text.value.trim(), ...chosen });

  function first() {
    offset = 0;
    return load();
  }

  function go(step) {
    offset = Math.max(offset + step, 0);
    frame.scrollTop = 0;
    return load();
  }

  function clear() {
    text.value = "";
    for (const [name, one] of Object.entries(pickers)) {
      chosen[name] = "";
      one.clear();
    }
  }

  function load() {
    for (const head of heads) head.kgPaint();
    paintExports();
    return kit.run(frame, async () => {
      const answer = await kit.ask("facts", "/facts", { query: {
        ...filters(), sort: sorted.by, descending: sorted.isDescending, limit: PAGE, offset } });
      if (offset > 0 && !answer.facts.length) return first();
      body.replaceChildren(...answer.facts.flatMap(row));
      if (!answer.facts.length) body.append(make("tr", "", make("td", "kg-empty", emptyWords(), { colspan: COLUMNS.length + 1 })));
      const last = offset + answer.facts.length;
      count.textContent = answer.total ? say("table.shown", { first: offset + 1, last, n: answer.total }) : "";
      before.disabled = offset === 0;
      after.disabled = last >= answer.total;
      return undefined;
    });
  }

  const isFiltered = () => Object.values(filters()).some(Boolean);
  const emptyWords = () => say(isFiltered() ? "table.none_match" : "table.none");

  function row(fact) {
    const more = make("tr", "kg-row-more", undefined, { hidden: true });
    const toggle = () => {
      const isOpening = more.hidden;
      if (isOpening && !more.childElementCount) more.append(make("td", "", opened(fact), { colspan: COLUMNS.length + 1 }));
      more.hidden = !isOpening;
      opener.setAttribute("aria-expanded", String(isOpening));
    };
    const opener = button("kg-tool kg-opener", "›", (event) => { event.stopPropagation(); toggle(); }, {
      "aria-expanded": "false", "aria-label": `${say("table.open")}: ${fact.subject.name} ${fact.relation.label} ${fact.object.name}` });
    const end = (entity) => make("td", "", [dot(groupColour(entity.group)), make("bdi", "kg-name", entity.name)]);
    const line = make("tr", "kg-fact-row", [
      make("td", "kg-narrow", opener), end(fact.subject), make("td", "kg-relation-cell", fact.relation.label), end(fact.object),
      make("td", "kg-number", say.number(fact.documents), { "data-label": say("table.column_documents") }),
      make("td", "kg-number", say.percent(fact.confidence), { "data-label": say("table.column_confidence") })]);
    line.addEventListener("click", toggle);
    return [line, more];
  }

  const opened = (fact) => make("div", "kg-opened", [
    factLine(fact, (entity) => emit("explore", { entity: entity.id })), sentencesOf(kit, fact), retraction(kit, notices, fact)]);

  function paintExports() {
    links.replaceChildren(make("span", "kg-label", say("table.export")), ...FORMATS.map((format) =>
      make("a", "kg-button kg-small", say(`table.${format}`), { href: address(libraryPath("/facts/export"), { format, ...filters(), lang: kit.language }), download: true })));
  }

  text.addEventListener("input", later(first));

  return {
    box, load,
    async begin() {
      clear();
      const [facets] = await Promise.all([kit.run(bar, () => kit.ask("facets", "/graph/facets")), first()]);
      if (!facets) return;
      pickers.type.fill(facets.types.map(({ id, label, group }) => ({ label, group, value: id })));
      pickers.relation.fill(facets.relations.map(({ id, label, count: n }) => ({ label, detail: say.number(n), value: id })));
      pickers.document.fill(facets.documents.map(({ id, name }) => ({ label: name, value: id })));
    },
  };
}
