// Facts that carry a date, by time: an axis with a bar for each decade (or year, or century), and
// below it the facts of the years that are chosen. Drawn by hand as SVG; a click on a bar goes there.
import { factLine, retraction, sentencesOf } from "./evidence.js";
import { button, emit, make, svg } from "./parts.js";

const BATCH = 200;
const MOST = 2000; // events that the axis counts; more would take a minute to fetch
const LISTED = 100; // events below the axis at once
const SPANS = [1, 10, 100, 1000]; // years to a bar
const BAR = 34;
const HEIGHT = 92;
const MOST_BARS = 400;
const MOST_AT_FIRST = 40;

const yearOf = (date) => Number(/^-?\d+/.exec(date)?.[0] ?? NaN);

export function timeline(kit, notices, text) {
  const { say } = kit;
  const count = make("span", "kg-about", undefined, { role: "status" });
  const axis = make("div", "kg-axis", undefined, { tabindex: 0, role: "group", "aria-label": say("timeline.axis") });
  const list = make("div", "kg-time-list");
  const closer = button("kg-tool", "+", () => zoom(-1), { "aria-label": say("timeline.closer"), title: say("timeline.closer") });
  const farther = button("kg-tool", "−", () => zoom(1), { "aria-label": say("timeline.farther"), title: say("timeline.farther") });
  const every = button("kg-button kg-small", say("timeline.all"), () => choose(null));
  const box = make("div", "kg-timeline", [make("div", "kg-bar", [count, make("span", "kg-spring"), every, farther, closer]), axis, list]);
  let events = [];
  let total = 0;
  let span = 10;
  let chosen = null; // the first year of the bar that is chosen
  let shown = LISTED;

  const load = () => kit.run(box, async () => {
    events = [];
    chosen = null;
    shown = LISTED;
    let page = await batch(0);
    ({ total } = page);
    events = page.events;
    settle();
    while (page.events.length && events.length < Math.min(total, MOST)) {
      page = await batch(events.length);
      events = events.concat(page.events);
      paint();
    }
  });

  const batch = (offset) => kit.ask("timeline", "/timeline", { query: { query: text(), limit: BATCH, offset } });

  // The narrowest bars of which not too many are needed, gaps left out.
  function settle() {
    span = SPANS.find((years) => fill(starts(years), years).length <= MOST_AT_FIRST) ?? SPANS.at(-1);
    paint();
  }

  const starts = (years) => [...new Set(events.map((event) => bucket(yearOf(event.date), years)).filter(Number.isFinite))]
    .sort((one, two) => one - two);

  function zoom(step) {
    const next = SPANS.indexOf(span) + step;
    if (!SPANS[next]) return;
    const at = chosen;
    span = SPANS[next];
    chosen = null;
    paint();
    if (at !== null) axis.querySelector(`[data-year="${bucket(at)}"]`)?.scrollIntoView({ inline: "center", block: "nearest" });
  }

  const bucket = (year, years = span) => Math.floor(year / years) * years;

  function choose(year) {
    chosen = year;
    shown = LISTED;
    paint();
  }

  function paint() {
    const isEmpty = events.length === 0;
    axis.hidden = isEmpty;
    count.textContent = isEmpty ? "" : say("timeline.counted", { n: total });
    every.hidden = chosen === null;
    const at = SPANS.indexOf(span);
    closer.disabled = at === 0;
    farther.disabled = at === SPANS.length - 1;
    paintAxis();
    paintList();
  }

  function paintAxis() {
    const counts = new Map();
    for (const event of events) {
      const year = bucket(yearOf(event.date));
      if (Number.isFinite(year)) counts.set(year, (counts.get(year) ?? 0) + 1);
    }
    if (!counts.size) return axis.replaceChildren();
    // Long empty stretches are left out: a gap is drawn where years are missing.
    const years = fill(starts(span), span);
    const most = Math.max(...counts.values());
    const drawing = svg("svg", { width: years.length * BAR + 16, height: HEIGHT, class: "kg-axis-drawing" });
    drawing.append(svg("line", { x1: 0, x2: years.length * BAR + 16, y1: HEIGHT - 22, y2: HEIGHT - 22, class: "kg-axis-line" }));
    years.forEach((year, index) => drawing.append(...(year === null ? gap(index) : bar(year, index, counts.get(year) ?? 0, most))));
    const place = axis.scrollLeft;
    axis.replaceChildren(drawing);
    axis.scrollLeft = place;
  }

  function fill(years, step) {
    const all = [];
    for (const year of years) {
      const last = all.at(-1);
      const missing = last === undefined ? 0 : (year - last) / step - 1;
      if (missing > 3) all.push(null);
      else for (let next = 1; next <= missing; next += 1) all.push(last + next * step);
      all.push(year);
    }
    return all.slice(0, MOST_BARS);
  }

  const gap = (index) => [svg("text", { x: index * BAR + BAR / 2 + 8, y: HEIGHT - 28, class: "kg-axis-gap" }, "⋯")];

  function bar(year, index, number, most) {
    const high = number ? Math.max(((HEIGHT - 46) * number) / most, 4) : 0;
    const x = index * BAR + 8;
    const label = span === 1 || span === 10 || index % 2 === 0 || span >= 100 ? svg("text", { x: x + BAR / 2, y: HEIGHT - 7, class: "kg-axis-label" }, yearWords(year)) : null;
    if (!number) return label ? [label] : [];
    const group = svg("g", { class: `kg-axis-bar${chosen === year ? " kg-chosen" : ""}`, tabindex: 0, role: "button", "data-year": year,
      "aria-pressed": String(chosen === year), "aria-label": `${spanWords(year)}: ${say("read.facts", { n: number })}` });
    group.append(
      svg("rect", { x, y: 0, width: BAR, height: HEIGHT - 22, class: "kg-axis-reach" }),
      svg("rect", { x: x + 4, y: HEIGHT - 22 - high, width: BAR - 8, height: high, rx: 3, class: "kg-axis-value" }),
      svg("text", { x: x + BAR / 2, y: HEIGHT - 26 - high, class: "kg-axis-number" }, say.number(number)));
    const act = () => {
      choose(chosen === year ? null : year);
      axis.querySelector(`[data-year="${year}"]`)?.focus();
    };
    group.addEventListener("click", act);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
    return label ? [group, label] : [group];
  }

  const yearWords = (year) => (year < 0 ? say("timeline.before_christ", { year: String(-year) }) : String(year));
  const spanWords = (year) => (span === 1 ? yearWords(year) : `${yearWords(year)}–${yearWords(year + span - 1)}`);

  function paintList() {
    if (!events.length) return list.replaceChildren(make("p", "kg-empty", say(text() ? "table.none_match" : "timeline.none")));
    const found = chosen === null ? events : events.filter((event) => bucket(yearOf(event.date)) === chosen);
    const groups = new Map();
    for (const event of found.slice(0, shown)) {
      const year = yearOf(event.date);
      groups.set(year, [...(groups.get(year) ?? []), event]);
    }
    const sections = [...groups].map(([year, own]) => make("section", "kg-year", [
      make("h4", "", Number.isFinite(year) ? yearWords(year) : say("timeline.undated")), make("ul", "kg-rows", own.map(row))]));
    const left = found.length - shown;
    const more = left > 0 ? [button("kg-button", say("common.more", { n: left }), () => { shown += LISTED; paintList(); })] : [];
    const unsent = total > events.length && events.length >= MOST ? [make("p", "kg-empty", say("timeline.unsent", { n: MOST }))] : [];
    return list.replaceChildren(...sections, ...more, ...unsent);
  }

  function row({ date, fact }) {
    const inner = make("div", "kg-opened");
    const details = make("details", "kg-event", [make("summary", "", [make("time", "", dateWords(date)), factLine(fact)]), inner]);
    details.addEventListener("toggle", () => {
      if (!details.open || inner.childElementCount) return;
      inner.append(sentencesOf(kit, fact), make("div", "kg-actions", [
        button("kg-button kg-small", say("read.explore"), () => emit("explore", { entity: fact.subject.id })), retraction(kit, notices, fact)]));
    });
    return make("li", "", details);
  }

  function dateWords(date) {
    const [, year, month, day] = /^(-?\d+)(?:-(\d\d))?(?:-(\d\d))?/.exec(date) ?? [];
    if (!month) return year === undefined ? date : yearWords(Number(year));
    const at = new Date(Date.UTC(2000, Number(month) - 1, Number(day ?? 1)));
    at.setUTCFullYear(Number(year));
    const form = { month: "short", timeZone: "UTC", ...(day ? { day: "numeric" } : {}) };
    return new Intl.DateTimeFormat(kit.language === "en" ? "en-GB" : kit.language, form).format(at);
  }

  return { box, load };
}
