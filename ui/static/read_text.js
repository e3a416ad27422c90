// The text of a window of a document as elements. The service counts code points, the browser
// UTF-16 units: `codePointIndex` converts, so that an emoji before a mention does not shift it. The
// text content of the result is the text itself, but that the end of a wrapped line is a space.
import { groupColour, make, showable } from "./parts.js";

// As ui/source_view.py: the end of a full line that goes on in the next one is no break of the
// author's. Lists, verse, headings, tables and addresses keep theirs.
const WRAPPED = /(?<=[^\n]{40})\n(?![\n\s]|[-–—•*·▪◦]|\d{1,3}[.)]\s|#|[^\n]{0,200} \|)/g;

// A function from the offset of a code point to that of its first UTF-16 unit.
export function codePointIndex(text) {
  const wide = [];
  let points = 0;
  for (const character of text) {
    if (character.length > 1) wide.push(points);
    points += 1;
  }
  return (offset) => {
    let [low, high] = [0, wide.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (wide[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return Math.min(offset, points) + low;
  };
}

export const codePoints = (text) => {
  let points = text.length;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) points -= 1;
  return points;
};

// The part of a window from `first` to `last`, offsets of the document; spans are cut to it.
export function clip(answer, first, last) {
  const from = Math.max(first, answer.start);
  const to = Math.min(last, answer.end);
  if (from >= to) return null;
  const at = codePointIndex(answer.text);
  const inside = (span) => span.start < to && span.end > from;
  const cut = (span) => ({ ...span, start: Math.max(span.start, from), end: Math.min(span.end, to) });
  return { ...answer, start: from, end: to, text: answer.text.slice(at(from - answer.start), at(to - answer.start)),
    mentions: answer.mentions.filter(inside).map(cut), facts: answer.facts.filter(inside) };
}

// Cuts the text wherever a span begins or ends and opens elements so that they nest: of two spans
// that cross, the second is continued in a second element. `spans`: {start, end, open() -> element,
// rank}; of two with the same place, the lower rank is outside.
export function nest(text, start, end, spans, append) {
  const at = codePointIndex(text);
  const order = (one, other) => one.start - other.start || other.end - one.end || one.rank - other.rank;
  const sorted = spans.filter((span) => span.start < span.end).sort(order);
  const cuts = [...new Set([start, end, ...sorted.flatMap((span) => [span.start, span.end])])]
    .filter((cut) => cut >= start && cut <= end).sort((one, other) => one - other);
  let open = []; // [{span, element}] from the outside in
  let next = 0;
  const put = (node) => (open.length ? open.at(-1).element.append(node) : append(node));
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const cut = cuts[index];
    const first = open.findIndex(({ span }) => span.end <= cut);
    const continued = first < 0 ? [] : open.slice(first).filter(({ span }) => span.end > cut).map(({ span }) => span);
    if (first >= 0) open = open.slice(0, first);
    const opened = [...continued];
    while (next < sorted.length && sorted[next].start <= cut) opened.push(sorted[next++]);
    // The one that ends last is outermost, or it would be cut again at once.
    opened.sort((one, other) => other.end - one.end || one.rank - other.rank);
    for (const span of opened) {
      const element = span.open(continued.includes(span));
      put(element);
      open.push({ span, element });
    }
    const node = document.createTextNode(text.slice(at(cut - start), at(cuts[index + 1] - start)));
    put(node);
  }
}

function mentionElement(mention, isContinued) {
  const node = make("span", `kg-mention kg-group-${mention.group}${mention.is_name ? "" : " kg-reference"}`, undefined, {
    role: "button", tabindex: -1, "data-entity": mention.entity, "data-type": mention.type, "data-start": mention.start });
  node.style.setProperty("--kg-own", groupColour(mention.group));
  if (isContinued) node.dataset.continued = "";
  node.kgMention = mention;
  return node;
}

const headingElement = (level) => make("span", `kg-heading kg-level-${Math.min(level, 4)}`);

// The element of a window; `sought` [start, end) is marked, `pageWords(number)` heads a page.
export function windowElement(answer, sought, pageWords) {
  const box = make("div", "kg-window", undefined, { dir: "auto" });
  const { start, end } = answer;
  const text = showable(answer.text).replace(WRAPPED, " ");
  const spans = answer.mentions.map((mention) => ({
    start: mention.start, end: mention.end, rank: 3, open: (again) => mentionElement(mention, again) }));
  for (const heading of answer.headings) {
    if (heading.start >= end || heading.end <= start) continue;
    spans.push({ start: Math.max(heading.start, start), end: Math.min(heading.end, end), rank: 0, open: () => headingElement(heading.level) });
  }
  if (sought.end > sought.start && sought.start < end && sought.end > start) {
    spans.push({ start: Math.max(sought.start, start), end: Math.min(sought.end, end), rank: 1, open: () => make("mark", "kg-sought") });
  }
  const pages = answer.document.pages.filter((page) => page.start >= start && page.start < end);
  let from = start;
  const at = codePointIndex(text);
  // A page's head stands between two runs of text; what crosses it is continued below.
  const runs = [...pages.map((page) => page.start), end];
  const heads = [null, ...pages];
  runs.forEach((to, index) => {
    const page = heads[index];
    if (page) box.append(make("span", "kg-pagebreak", undefined, { "data-page": pageWords(page.number), "data-number": page.number }));
    if (to <= from) return;
    const own = spans.filter((span) => span.start < to && span.end > from)
      .map((span) => ({ ...span, start: Math.max(span.start, from), end: Math.min(span.end, to), open: (again) => span.open(again || span.start < from) }));
    nest(text.slice(at(from - start), at(to - start)), from, to, own, (node) => box.append(node));
    from = to;
  });
  return box;
}
