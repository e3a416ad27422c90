// Numbers of a run: what a measure is called, how a value is written, and its interval as a bar.
import { make } from "./parts.js";

// Measures that this page has a plain name for go by it; others by the title of the report.
export function measureName(say, row) {
  const { measure } = row;
  const key = `evaluate.measure_${measure}`;
  const words = say(key);
  return words === key ? row.title : words;
}

export function amount(say, value, unit) {
  if (unit === "%") return say.percent(value);
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
  return unit ? `${say.number(rounded)}\u00a0${unit}` : say.number(rounded);
}

export const between = (say, row) => row.unit === "%"
  ? `${say.number(Math.round(100 * row.low))}–${say.number(Math.round(100 * row.high))}`
  : `${amount(say, row.low, "")}–${amount(say, row.high, "")}`;

// What was measured beside kgrag, by a name that this page has for it, or by its own.
export function systemName(say, system) {
  const name = system.replace(/\W+/g, "_");
  const key = `evaluate.system_${name}`;
  const words = say(key);
  return words === key ? system : words;
}

// A line of shares from 0 to 100 %: the interval as a band, the value as a mark in it.
function bar(row) {
  const place = (share) => `${Math.min(100, Math.max(0, 100 * share))}%`;
  const band = make("i", "");
  band.style.left = place(row.low);
  band.style.width = place(row.high - row.low);
  const mark = make("b", "");
  mark.style.left = place(row.value);
  const beside = row.baseline ? make("u", "") : null;
  if (beside) beside.style.left = place(row.baseline.value);
  return make("span", "kg-eval-bar", [band, beside, mark], { "aria-hidden": "true" });
}

export function figure(say, row) {
  const told = row.baseline ? say("evaluate.beside", { system: systemName(say, row.baseline.system), value: amount(say, row.baseline.value, row.unit) }) : "";
  return make("div", "kg-eval-figure", [
    make("span", "kg-eval-figure-name", measureName(say, row)),
    make("span", "kg-eval-figure-value", [make("strong", "", amount(say, row.value, row.unit)),
      make("span", "kg-about", ` ${between(say, row)}`, { title: say("evaluate.interval", { n: row.n }) })]),
    row.unit === "%" ? bar(row) : null,
    told ? make("span", "kg-about", told) : null]);
}

// Figures by group, in the order in which the groups come.
export function figures(say, rows) {
  const groups = Map.groupBy ? Map.groupBy(rows, ({ group }) => group) : grouped(rows);
  return [...groups].map(([group, own]) => make("div", "kg-eval-group", [
    groups.size > 1 ? make("h4", "", make("bdi", "", group)) : null,
    make("div", "kg-eval-figures", own.map((row) => figure(say, row)))]));
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return groups;
}
