// What is shown while a mention is pointed at or has the focus: a card about what it stands for, and
// arrows to the mentions to which facts join it in the sentences that state them.
import { button, dot, emit, groupColour, make, svg, wikidataLink } from "./parts.js";

const GRACE_MS = 220; // to reach the card with the pointer
const MOST_ARROWS = 8;
const MOST_FACTS = 12;
const NEAR_PX = 130; // what is farther from the mention may lie under the card
const LINE_PX = 15; // between two labels of arrows
const LABEL_PX = 34; // an arrow and its label above a line

export function mentionCard({ say }, { body, scroll }) {
  const card = make("div", "kg-card-over", undefined, { hidden: true });
  const overlay = svg("svg", { class: "kg-arrows", "aria-hidden": "true" });
  const marker = svg("marker", { id: "kg-arrow-head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
  marker.append(svg("path", { d: "M0 0 L8 4 L0 8 Z" }));
  const defs = svg("defs");
  defs.append(marker);
  let shown = null;
  let timer = 0;

  const facts = (mention) => (body.kgFacts?.() ?? []).filter((fact) =>
    mention.start >= fact.start && mention.end <= fact.end && [fact.subject, fact.object].includes(mention.entity));

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    card.hidden = true;
    overlay.replaceChildren(defs);
    for (const node of body.querySelectorAll(".kg-joined")) node.classList.remove("kg-joined");
  }

  function show(node) {
    if (node === shown) return clearTimeout(timer);
    hide();
    shown = node;
    const mention = node.kgMention;
    const stated = facts(mention);
    card.replaceChildren(
      make("header", "kg-panel-head", [make("strong", "kg-name", make("bdi", "", mention.name)),
        make("span", "kg-type-line", [dot(groupColour(mention.group)), make("span", "kg-about", mention.type_label), wikidataLink(mention.wikidata)])]),
      ...(stated.length ? [make("p", "kg-label", say("read.stated")), make("ul", "kg-rows", stated.slice(0, MOST_FACTS).map(row))] : []),
      button("kg-button kg-small", say("read.explore"), () => emit("explore", { entity: mention.entity })));
    card.hidden = false;
    place(node, join(node, stated.slice(0, MOST_ARROWS)));
  }

  const row = (fact) => make("li", "kg-fact-line", [
    make("bdi", "kg-name", fact.subject_name), make("span", "kg-relation", fact.relation.label), make("bdi", "kg-name", fact.object_name)]);

  // Below the mention and what it is joined to, where there is room; else above.
  function place(node, joined) {
    const home = body.getBoundingClientRect();
    const view = scroll.getBoundingClientRect();
    const word = [...node.getClientRects()].at(-1) ?? node.getBoundingClientRect();
    const lines = [node, ...joined].flatMap((one) => [...one.getClientRects()]).filter((line) => Math.abs(line.top - word.top) < NEAR_PX);
    const low = Math.max(word.bottom, ...lines.map((line) => line.bottom));
    const high = Math.min(word.top, ...lines.map((line) => line.top)) - LABEL_PX;
    const isBelow = low + card.offsetHeight + 12 < view.bottom || high - card.offsetHeight - 12 < view.top;
    const left = Math.min(Math.max(word.left - home.left, 0), Math.max(home.width - card.offsetWidth, 0));
    Object.assign(card.style, { left: `${left}px`, top: `${isBelow ? low - home.top + 8 : high - home.top - card.offsetHeight - 8}px` });
  }

  function join(node, stated) {
    const mention = node.kgMention;
    const home = body.getBoundingClientRect();
    overlay.setAttribute("width", home.width);
    overlay.setAttribute("height", body.scrollHeight);
    const drawn = new Map();
    const joined = [];
    for (const fact of stated) {
      const isSubject = fact.subject === mention.entity;
      const other = nearest(isSubject ? fact.object : fact.subject, fact, mention);
      if (!other) continue;
      other.classList.add("kg-joined");
      joined.push(other);
      const known = drawn.get(other);
      if (known) known.textContent += `, ${fact.relation.label}`;
      else drawn.set(other, isSubject ? arrow(node, other, fact.relation.label, home) : arrow(other, node, fact.relation.label, home));
    }
    const placed = [];
    for (const text of drawn.values()) placed.push(keepApart(text, home.width, placed));
    return joined;
  }

  // A label that would stick out at the side is moved in, one that lies on another is moved up.
  function keepApart(text, width, placed) {
    const half = text.getComputedTextLength() / 2;
    const x = Math.max(Math.min(Number(text.getAttribute("x")), width - half), half);
    let y = Number(text.getAttribute("y"));
    const isOver = (other) => Math.abs(other.y - y) < LINE_PX && Math.abs(other.x - x) < other.half + half;
    while (placed.some(isOver)) y -= LINE_PX;
    text.setAttribute("x", x);
    text.setAttribute("y", y);
    return { x, y, half };
  }

  function nearest(entity, fact, mention) {
    const all = [...body.querySelectorAll(`.kg-mention[data-entity="${CSS.escape(entity)}"]:not([data-continued])`)].filter((node) =>
      node.kgMention.start >= fact.start && node.kgMention.end <= fact.end);
    return all.sort((one, two) => Math.abs(one.kgMention.start - mention.start) - Math.abs(two.kgMention.start - mention.start))[0];
  }

  function arrow(from, to, label, home) {
    const [start, end] = [from, to].map((node) => {
      const { left, top, width } = node.getClientRects()[0] ?? node.getBoundingClientRect();
      return { x: left - home.left + width / 2, y: top - home.top };
    });
    const rise = Math.min(14 + Math.abs(end.x - start.x) / 12, 30);
    const high = Math.min(start.y, end.y) - rise;
    const path = `M${start.x} ${start.y} C${start.x} ${high} ${end.x} ${high} ${end.x} ${end.y - 2}`;
    overlay.append(svg("path", { d: path, "marker-end": "url(#kg-arrow-head)", class: "kg-arrow" }));
    const text = svg("text", { x: (start.x + end.x) / 2, y: (Math.min(start.y, end.y) + 3 * high) / 4 - 5, class: "kg-arrow-label" }, label);
    overlay.append(text);
    return text;
  }

  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, GRACE_MS);
  };
  body.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const node = event.target.closest(".kg-mention:not(.kg-off)");
    if (node) show(node);
    else if (event.target.closest(".kg-card-over")) clearTimeout(timer);
    else if (shown) leave();
  });
  body.addEventListener("pointerleave", leave);
  body.addEventListener("focusin", (event) => event.target.matches(".kg-mention") && show(event.target));
  body.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  hide();
  return { card, overlay, hide, show };
}
