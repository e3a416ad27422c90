// The list of runs: what is going on with its progress, what has ended with its key figures; two
// that are ticked are compared.
import { confirmation } from "./controls.js";
import { figures } from "./evaluate_figures.js";
import { setName } from "./evaluate_sets.js";
import { button, make, Overtaken } from "./parts.js";

const AGAIN_MS = 1000;
const OUTCOMES = ["right", "declined rightly", "wrong", "declined", "found", "missed"];
const STAGES = { "Getting ready": "ready", "Adding up": "adding_up", "Done": "adding_up", "": "ready" };

export function runList(kit, { report, compare, settled }) {
  const { say } = kit;
  const ticked = new Set();
  const asking = new Set(); // runs of which it is asked whether they are to be deleted
  let runs = [];
  let timer = 0;

  const both = button("kg-button", say("evaluate.compare"), () => {
    const [later, earlier] = runs.filter(({ id }) => ticked.has(id)); // the newest stands first
    compare(earlier, later);
  });
  const hint = make("span", "kg-about");
  const bar = make("div", "kg-bar kg-eval-compare", [both, hint]);
  const list = make("div", "kg-eval-runs");
  const box = make("section", "kg-eval-list", [make("header", "kg-bar", [make("h3", "", say("evaluate.runs")), make("span", "kg-spring"), bar]), list]);

  const load = () => kit.run(list, refresh);

  async function refresh() {
    runs = await kit.ask("runs", "/evaluation/runs");
    for (const id of [...ticked]) if (!runs.some((run) => run.id === id)) ticked.delete(id);
    paint();
    plan();
  }

  // Asked again while something is going on; a failure is told by the next whole load.
  function plan() {
    rest();
    if (!kit.isShown() || !runs.some(({ running }) => running)) return;
    timer = setTimeout(() => refresh().catch((error) => {
      if (!(error instanceof Overtaken)) load();
    }), AGAIN_MS);
  }

  function rest() { clearTimeout(timer); }

  function paint() {
    settled(runs.some(({ running }) => running));
    const known = new Map([...list.children].map((card) => [card.dataset.run, card]));
    const cards = runs.map((run) => {
      const card = known.get(run.id);
      const now = JSON.stringify(run);
      if (card?.kgShown === now) return card;
      const fresh = runCard(run);
      fresh.kgShown = now;
      // Where the keyboard is, it stays.
      const at = card?.contains(document.activeElement) ? document.activeElement.dataset.act : undefined;
      if (at) requestAnimationFrame(() => fresh.querySelector(`[data-act="${at}"]`)?.focus());
      return fresh;
    });
    list.replaceChildren(...(cards.length ? cards : [emptyState()]));
    paintCompare();
  }

  function paintCompare() {
    bar.hidden = runs.filter(canCompare).length < 2;
    const [one, other] = runs.filter(({ id }) => ticked.has(id));
    const isOfOne = one?.task === other?.task && one?.set === other?.set;
    both.disabled = !other || !isOfOne;
    hint.textContent = !other ? say("evaluate.tick_two") : isOfOne ? "" : say("evaluate.not_of_one");
  }

  const emptyState = () => make("div", "kg-eval-empty", [
    make("h3", "", say("evaluate.empty_title")), make("p", "", say("evaluate.empty_text")), make("p", "kg-about", say("evaluate.empty_begin"))]);

  const canCompare = (run) => !run.running && run.rows.length > 0;

  function runCard(run) {
    const name = setName(say, run);
    const title = say(`evaluate.task_${run.task}`);
    const card = make("article", "kg-eval-run", undefined, { "data-run": run.id, "aria-label": `${title}: ${name}` });
    const tick = make("input", "", undefined, { type: "checkbox", "aria-label": say("evaluate.tick", { name }), "data-act": "tick" });
    tick.checked = ticked.has(run.id);
    tick.addEventListener("change", () => {
      if (tick.checked) ticked.add(run.id);
      else ticked.delete(run.id);
      if (ticked.size > 2) untick([...ticked][0]);
      paintCompare();
    });
    const about = [when(run.started), run.with_model ? say("evaluate.by_model") : null, run.limit ? say("evaluate.limited", { n: run.limit }) : null];
    card.append(make("header", "kg-eval-run-head", [
      canCompare(run) ? tick : null,
      make("div", "kg-eval-run-title", [make("strong", "", [title, ": ", make("bdi", "kg-name", name)]), make("span", "kg-about", about.filter(Boolean).join(" · "))]),
      stateOf(run)]));
    if (run.running) card.append(progressOf(run));
    else if (run.rows.length) card.append(...figures(say, run.rows));
    else if (run.done) card.append(tally(run));
    if (run.error) card.append(make("p", "kg-notice", run.error));
    else if (!run.running && !run.finished && !run.failed) card.append(make("p", "kg-about", say("evaluate.stopped_about", { done: run.done, total: run.total })));
    if (run.failed && !run.running) card.append(make("p", "kg-about", say("evaluate.failed", { n: run.failed })));
    card.append(actionsOf(run, name, card));
    if (asking.has(run.id)) ask(run, name, card);
    return card;
  }

  function untick(id) {
    ticked.delete(id);
    const tick = list.querySelector(`[data-run="${id}"] input[type=checkbox]`);
    if (tick) tick.checked = false;
  }

  function stateOf(run) {
    const state = run.running ? "running" : run.finished ? "finished" : run.error ? "broken" : run.failed ? "partly" : "stopped";
    return make("span", `kg-eval-state kg-eval-is-${state}`, say(`evaluate.state_${state}`));
  }

  function progressOf(run) {
    const stage = STAGES[run.message];
    const asked = stage ? say(`evaluate.stage_${stage}`) : run.message;
    return make("div", "kg-progress", [
      make("div", "kg-progress-line", [make("span", "", make("bdi", "", asked)),
        make("span", "", run.total ? say("evaluate.of", { done: run.done, total: run.total }) : "")]),
      make("progress", "", undefined, run.total ? { max: run.total, value: run.done } : {}), tally(run)], { role: "status" });
  }

  function tally(run) {
    const parts = OUTCOMES.filter((outcome) => run.tally[outcome]).map((outcome) => {
      const key = outcome.replace(" ", "_");
      return make("span", `kg-eval-outcome-${key}`, [make("strong", "", say.number(run.tally[outcome])), ` ${say(`evaluate.outcome_${key}`)}`]);
    });
    return make("div", "kg-eval-tally", parts);
  }

  function actionsOf(run, name, card) {
    const path = `/evaluation/runs/${run.id}`;
    const act = (key, task, more = "") => button(`kg-button kg-small${more}`, say(`evaluate.${key}`), () => kit.run(card, task), { "data-act": key });
    const post = (what) => async () => {
      await kit.ask(`${what}-${run.id}`, `${path}/${what}`, { method: "POST" });
      await refresh();
    };
    const has = run.rows.length > 0 || run.done > 0;
    return make("div", "kg-actions", run.running ? [act("stop", post("stop"))] : [
      has ? act("report", async () => report(run, `${say(`evaluate.task_${run.task}`)}: ${name}`)) : null,
      run.can_resume ? act(run.failed ? "retry" : "resume", post("resume")) : null,
      act("delete", async () => ask(run, name, card))]);
  }

  function ask(run, name, card) {
    if (card.querySelector(".kg-confirmation")) return;
    asking.add(run.id);
    card.append(confirmation(kit, {
      words: say("evaluate.delete_run", { name, day: when(run.started) }), yes: say("evaluate.delete"),
      no: () => { asking.delete(run.id); card.querySelector(".kg-confirmation").remove(); },
      act: async () => {
        await kit.ask("delete-run", `/evaluation/runs/${run.id}`, { method: "DELETE" });
        asking.delete(run.id);
        await refresh();
      } }));
  }

  const when = (moment) => new Intl.DateTimeFormat(kit.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));

  return { box, load, rest };
}
