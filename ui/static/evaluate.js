// The view of evaluations: choose questions, measure, watch, read the report, compare two runs.
// Whatever is going on goes on in the server: what is shown is asked again every second while the
// view is shown, so that nothing is lost when the page is loaded anew.
import { comparison } from "./evaluate_compare.js";
import { measureForm } from "./evaluate_form.js";
import { questionEditor } from "./evaluate_questions.js";
import { runList } from "./evaluate_runs.js";
import { questionSets } from "./evaluate_sets.js";
import { button, libraryPath, make, viewKit } from "./parts.js";

export function mount(element, options) {
  const root = make("div", "kg-client kg-evaluate");
  const kit = viewKit("evaluate", options, { load: (why) => reload(why), hidden: () => runs.rest() });
  const { say } = kit;
  element.replaceChildren(root);

  const stage = make("div", "kg-eval-stage");
  const sets = questionSets(kit, {
    chosen: (set) => form.choose(set),
    open: (set) => show(questionEditor(kit, set, { saved: () => { back(); sets.load(); }, back })),
  });
  const form = measureForm(kit, { begun: () => { back(); toRuns(); runs.load(); } });
  const runs = runList(kit, {
    report: (run, name) => show(report(run, name)),
    compare: (one, other) => show(comparison(kit, one, other, back)),
    settled: (isBusy) => form.setBusy(isBusy),
  });
  root.append(
    make("div", "kg-eval-side", [sets.box, form.box]),
    make("div", "kg-eval-main", [runs.box, stage]));
  stage.hidden = true;

  // What is opened takes the place of the list of runs.
  function show(box) {
    runs.box.hidden = true;
    stage.hidden = false;
    stage.replaceChildren(box);
    box.querySelector("button")?.focus();
  }

  function back() {
    const wasOpen = !stage.hidden;
    stage.replaceChildren();
    stage.hidden = true;
    runs.box.hidden = false;
    if (wasOpen) toRuns();
  }

  // In a narrow window the runs stand below all else.
  function toRuns() {
    if (kit.isShown() && matchMedia("(max-width: 1079px)").matches) runs.box.scrollIntoView();
  }

  function report(run, name) {
    const path = libraryPath(`/evaluation/runs/${run.id}/report`);
    const box = make("section", "kg-eval-opened kg-eval-report");
    const place = make("div", "kg-eval-frame");
    box.append(make("header", "kg-bar", [
      button("kg-button kg-small", `‹ ${say("evaluate.back")}`, back), make("h3", "", name), make("span", "kg-spring"),
      make("a", "kg-link", say("evaluate.new_tab"), { href: path, target: "_blank", rel: "noopener" })]), place);
    kit.run(place, async () => {
      await kit.ask("report", `/evaluation/runs/${run.id}`); // a run that is gone is told in words
      place.append(make("iframe", "", undefined, { src: path, sandbox: "allow-scripts allow-popups", title: name }));
    });
    return box;
  }

  function reload(why) {
    if (why === "library") back();
    form.load();
    sets.load();
    runs.load();
  }

  kit.begin();
}
