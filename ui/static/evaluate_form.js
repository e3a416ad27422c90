// What to measure of the chosen questions, and the button that begins.
import { setName } from "./evaluate_sets.js";
import { api, button, make } from "./parts.js";

const TASKS = ["answers", "retrieval"];

export function measureForm(kit, { begun }) {
  const { say } = kit;
  let set = null;
  let isBusy = false;
  let endpoint = "";

  const radios = TASKS.map((task) => {
    const input = make("input", "", undefined, { type: "radio", name: "kg-eval-task", value: task });
    input.checked = task === TASKS[0];
    input.addEventListener("change", paint);
    return input;
  });
  const tasks = make("div", "kg-eval-tasks", radios.map((input) => make("label", "kg-choice", [input,
    make("span", "kg-eval-set-text", [make("span", "", say(`evaluate.task_${input.value}`)), make("span", "kg-about", say(`evaluate.task_${input.value}_about`))])])),
    { role: "radiogroup", "aria-label": say("evaluate.measure") });
  const model = make("input", "", undefined, { type: "checkbox" });
  const modelAbout = make("span", "kg-about");
  const modelLine = make("label", "kg-choice", [model, make("span", "kg-eval-set-text", [make("span", "", say("evaluate.with_model")), modelAbout])]);
  const limit = make("input", "kg-input", undefined, { type: "number", min: 1, placeholder: say("evaluate.all"), inputmode: "numeric" });
  const go = button("kg-button kg-main", say("evaluate.run"), () => kit.run(outcome, begin));
  const why = make("span", "kg-about");
  const outcome = make("div", "kg-eval-outcome");
  const box = make("section", "kg-setting", [
    make("h3", "", say("evaluate.measure")), tasks, modelLine,
    make("label", "kg-eval-limit", [make("span", "", say("evaluate.limit")), limit]),
    make("div", "kg-bar", [go, why]), outcome]);
  paint();

  function task() { return radios.find((input) => input.checked).value; }

  function paint() {
    modelLine.hidden = task() !== "answers";
    model.disabled = !endpoint;
    if (!endpoint) model.checked = false;
    modelAbout.textContent = endpoint ? say("evaluate.with_model_about") : say("evaluate.no_model");
    go.disabled = !set || isBusy;
    why.textContent = isBusy ? say("evaluate.busy") : set ? setName(say, set) : say("evaluate.choose_first");
  }

  async function begin() {
    const wanted = limit.value ? Math.max(1, Math.floor(Number(limit.value))) : null;
    go.disabled = true;
    try {
      await kit.ask("begin", "/evaluation/runs", { method: "POST", body: {
        set: set.id, task: task(), limit: wanted, with_model: !modelLine.hidden && model.checked } });
      begun();
    } finally {
      paint();
    }
  }

  return {
    box,
    choose(wanted) { set = wanted; paint(); },
    setBusy(now) { isBusy = now; paint(); },
    load: () => kit.run(outcome, async () => {
      endpoint = (await api("/api/settings")).model.endpoint;
      paint();
    }),
  };
}
