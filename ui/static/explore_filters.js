// What of the library is drawn: how much, of which types, relations, documents, times, how sure.
import { checklist } from "./controls.js";
import { later, make } from "./parts.js";

const AMOUNTS = [100, 300, 1000, 2000];
const AT_FIRST = 300;

export function explorerFilters(kit, change) {
  const { say } = kit;
  const soon = later(() => change(), 300);
  const types = checklist({ title: say("explore.types"), say, change: soon });
  const relations = checklist({ title: say("explore.relations"), say, change: soon });
  const documents = checklist({ title: say("explore.documents"), say, change: soon });

  const amount = make("select", "kg-input", AMOUNTS.map((n) =>
    make("option", "", say("explore.nodes", { n }), { value: n, selected: n === AT_FIRST })));
  amount.addEventListener("change", () => change());

  // The days on which the files of documents were last changed.
  const date = (label) => {
    const input = make("input", "kg-input", undefined, { type: "date", "aria-label": label });
    input.addEventListener("change", soon);
    return input;
  };
  const since = date(say("explore.since"));
  const until = date(say("explore.until"));

  const sure = make("input", "kg-range", undefined, { type: "range", min: 0, max: 0.95, step: 0.05, value: 0 });
  const sureText = make("output", "kg-about");
  const paintSure = () => {
    sureText.textContent = say("explore.at_least", { share: say.percent(Number(sure.value)) });
    sure.setAttribute("aria-valuetext", sureText.textContent);
  };
  sure.addEventListener("input", () => { paintSure(); soon(); });
  paintSure();

  const field = (label, ...parts) => make("label", "kg-field", [make("span", "kg-label", label), ...parts]);
  const dates = make("details", "kg-checklist", [
    make("summary", "", say("explore.dates")), make("div", "kg-two", [field(say("explore.since"), since), field(say("explore.until"), until)])]);
  const box = make("div", "kg-filters", [
    field(say("explore.amount"), amount), types.box, relations.box, documents.box, dates,
    field(say("explore.confidence"), sure, sureText)]);

  const query = () => ({
    types: types.chosen().join(",") || undefined, relations: relations.chosen().join(",") || undefined,
    documents: documents.chosen().join(",") || undefined, since: since.value || undefined, until: until.value || undefined,
    min_confidence: Number(sure.value) || undefined });

  return {
    box, query,
    limit: () => Number(amount.value),
    chosen: () => Object.values(query()).filter((value) => value !== undefined).length,
    fill(facets) {
      types.fill(facets.types);
      relations.fill(facets.relations);
      documents.fill(facets.documents.map(({ id, name }) => ({ id, label: name })));
    },
    clear() {
      for (const list of [types, relations, documents]) list.clear();
      for (const input of [since, until]) input.value = "";
      sure.value = "0";
      paintSure();
      change();
    },
  };
}
