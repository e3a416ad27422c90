// Two runs beside each other: what is better, worse, or not shown to differ, and the questions of
// which something changed.
import { amount, measureName, systemName } from "./evaluate_figures.js";
import { setName } from "./evaluate_sets.js";
import { address, button, libraryPath, make } from "./parts.js";

const KGRAG = "kgrag";
const LISTED = 30;
const VERDICTS = { better: "better", worse: "worse", "no difference shown": "same" };
const TOLD = ["contains", "evidence_any", "evidence_all", "answered", "abstention", "exact", "all_5", "recall_5", "wrong_avoided"];

export function comparison(kit, one, other, back) {
  const { say } = kit;
  const body = make("div", "kg-eval-scroll");
  const query = { one: one.id, other: other.id };
  const box = make("section", "kg-eval-opened", [
    make("header", "kg-bar", [
      button("kg-button kg-small", `‹ ${say("evaluate.back")}`, back), make("h3", "", say("evaluate.comparison")), make("span", "kg-spring"),
      make("a", "kg-link", say("evaluate.new_tab"), { href: address(libraryPath("/evaluation/compare.html"), query), target: "_blank", rel: "noopener" })]),
    make("div", "kg-eval-pair", [side("A", one), side("B", other)]), body]);
  body.append(make("span", "kg-spinner", say("evaluate.comparing")));
  kit.run(body, async () => {
    const told = await kit.ask("compare", "/evaluation/compare", { query }).finally(() => body.replaceChildren());
    body.append(...paint(told));
  });

  function side(letter, run) {
    const day = new Intl.DateTimeFormat(kit.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(run.started));
    return make("div", "", [make("b", "kg-eval-letter", letter), make("span", "kg-eval-set-text", [
      make("span", "", [say(`evaluate.task_${run.task}`), ": ", make("bdi", "", setName(say, run))]),
      make("span", "kg-about", [day, run.with_model ? ` · ${say("evaluate.by_model")}` : ""].join(""))])]);
  }

  function paint({ rows, changed, settings, only_one: onlyOne, only_other: onlyOther }) {
    const own = rows.filter(({ system }) => system === KGRAG);
    const verdicts = ["better", "worse"];
    const count = (verdict, isTime) => own.filter((row) => row.verdict === verdict && (row.unit === "ms") === isTime).length;
    const said = [
      ...verdicts.filter((verdict) => count(verdict, false)).map((verdict) => say(`evaluate.sum_${verdict}`, { n: count(verdict, false) })),
      ...verdicts.filter((verdict) => count(verdict, true)).map((verdict) => say(`evaluate.sum_time_${verdict}`))];
    const others = [...new Set(rows.map(({ system }) => system))].filter((system) => system !== KGRAG);
    return [
      make("p", "kg-eval-sum", said.length ? said.join(" ") : say("evaluate.sum_none")),
      make("p", "kg-about", say("evaluate.verdict_about")),
      table(shownFirst(own)),
      ...(onlyOne + onlyOther ? [make("p", "kg-about", say("evaluate.only", { one: onlyOne, other: onlyOther }))] : []),
      settings.length ? make("p", "kg-about", [say("evaluate.differ"), " ", settings.map(([name]) => settingName(name)).join(", "), "."]) : make("p", "kg-about", say("evaluate.same_settings")),
      ...others.map((system) => make("details", "kg-eval-other", [make("summary", "", say("evaluate.system", { system: systemName(say, system) })), table(rows.filter((row) => row.system === system))])),
      make("h4", "", say("evaluate.changed")), changedList(changed.filter(isTold))];
  }

  function shownFirst(rows) {
    const isShown = ({ verdict }) => (VERDICTS[verdict] ?? "same") !== "same";
    return [...rows.filter(isShown), ...rows.filter((row) => !isShown(row))];
  }

  // Of several columns the first is what was got right.
  function isTold({ system, measure, one: before, other: now }) {
    return system === KGRAG && TOLD.includes(measure) && before[0] !== now[0];
  }

  function settingName(name) {
    const key = `evaluate.setting_${name}`;
    const words = say(key);
    return words === key ? name : words;
  }

  function table(rows) {
    const groups = new Set(rows.map(({ group }) => group));
    const head = ["measure_head", "a", "b", "difference", "verdict"].map((name) => make("th", `kg-eval-col-${name}`, say(`evaluate.${name}`), { scope: "col" }));
    let last = null;
    const body = rows.flatMap((row) => {
      const isNew = groups.size > 1 && row.group !== last;
      last = row.group;
      const verdict = VERDICTS[row.verdict] ?? "same";
      const line = make("tr", "", [
        make("th", "", measureName(say, row), { scope: "row" }), make("td", "kg-number", amount(say, row.one, row.unit), { "data-label": "A" }), make("td", "kg-number", amount(say, row.other, row.unit), { "data-label": "B" }),
        make("td", "kg-number", row.difference || row.low || row.high ? [change(row.difference, row.unit), make("span", "kg-about", ` ${change(row.low, row.unit, true)} … ${change(row.high, row.unit, true)}`)] : "0"),
        make("td", "", make("span", `kg-eval-verdict kg-eval-${verdict}`, say(`evaluate.verdict_${verdict}`)))]);
      return isNew ? [make("tr", "kg-eval-group-row", make("th", "", make("bdi", "", row.group), { colspan: 5, scope: "rowgroup" })), line] : [line];
    });
    return make("div", "kg-eval-table", make("table", "kg-table", [make("thead", "", make("tr", "", head)), make("tbody", "", body)]));
  }

  // A difference of shares is in points of a hundred.
  function change(value, unit, isBare = false) {
    const sign = value > 0 ? "+" : value < 0 ? "−" : "";
    const size = unit === "%" ? say.number(Math.round(1000 * Math.abs(value)) / 10) : amount(say, Math.abs(value), "");
    return isBare ? `${sign}${size}` : `${sign}${size} ${unit === "%" ? say("evaluate.points") : unit}`;
  }

  function changedList(changed) {
    const cases = new Map();
    for (const item of changed) {
      const key = `${item.group} ${item.case}`;
      cases.set(key, [...(cases.get(key) ?? []), item]);
    }
    const all = [...cases.values()];
    if (!all.length) return make("p", "kg-empty", say("evaluate.none_changed"));
    const list = make("ol", "kg-eval-changed", all.slice(0, LISTED).map(changedCase));
    const left = all.length - LISTED;
    if (left <= 0) return list;
    const more = button("kg-button", say("common.more", { n: left }), () => {
      more.remove();
      list.append(...all.slice(LISTED).map(changedCase));
    });
    return make("div", "", [list, more]);
  }

  function changedCase(items) {
    const [{ shown_one: before, shown_other: now }] = items;
    const question = before.question ?? now.question ?? (before.removed ? say("evaluate.removed") : items[0].case);
    const marks = items.map((item) => {
      const [was, is] = [item.one[0], item.other[0]];
      const kind = is > was ? "better" : is < was ? "worse" : "same";
      return make("span", `kg-eval-verdict kg-eval-${kind}`, `${measureName(say, { ...item, title: item.measure })} ${is > was ? "↑" : is < was ? "↓" : "→"}`);
    });
    return make("li", "", [
      make("p", "kg-eval-question", question), make("div", "kg-eval-marks", marks),
      make("dl", "kg-eval-two", [["A", before], ["B", now]].flatMap(([letter, shown]) => [
        make("dt", "", letter), make("dd", "", shown.removed ? say("evaluate.removed") : shown.answer || (shown.found ?? []).slice(0, 5).join(" · ") || say("evaluate.nothing_said"))]))]);
  }

  return box;
}
