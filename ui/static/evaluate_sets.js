// The question sets: uploaded, drafted from the graph, or made of corrections and examples. One of
// them is chosen; each of one's own can be opened and deleted.
import { confirmation } from "./controls.js";
import { button, libraryPath, make, ServerError } from "./parts.js";

const DRAFTED = 40;

export function questionSets(kit, { chosen, open }) {
  const { say } = kit;
  const list = make("div", "kg-eval-sets", undefined, { role: "radiogroup", "aria-label": say("evaluate.sets") });
  const status = make("div", "kg-eval-status", undefined, { "aria-live": "polite" });
  const file = make("input", "kg-hidden", undefined, { type: "file", accept: ".csv,.tsv,.json,.jsonl,.txt", tabindex: -1, "aria-hidden": "true" });
  const zone = make("div", "kg-drop", [
    make("span", "", say("evaluate.drop")), file,
    make("span", "kg-drop-choices", [
      button("kg-link-button", say("evaluate.choose_file"), () => file.click()),
      button("kg-link-button", say("evaluate.draft"), () => draft())]),
    make("details", "kg-eval-form-of", [make("summary", "", say("evaluate.file_form")), make("p", "kg-about", say("evaluate.file_form_about"))])]);
  const box = make("section", "kg-setting", [make("h3", "", say("evaluate.sets")), list, zone, status]);
  let sets = [];
  let at = null;

  file.addEventListener("change", () => { upload(file.files[0]); file.value = ""; });
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("kg-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("kg-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("kg-over");
    upload(event.dataTransfer.files[0]);
  });

  const load = () => kit.run(list, async () => {
    sets = await kit.ask("sets", "/evaluation/sets");
    paint();
  });

  function paint() {
    list.replaceChildren(...sets.map(row));
    if (!sets.length) list.append(make("p", "kg-empty", say("evaluate.no_sets")));
    choose((sets.find(({ id }) => id === at) ?? sets[0])?.id ?? null);
  }

  function choose(id) {
    at = id;
    for (const radio of list.querySelectorAll("input[type=radio]")) radio.checked = radio.value === id;
    chosen(sets.find((set) => set.id === id) ?? null);
  }

  function row(set) {
    const name = setName(say, set);
    const radio = make("input", "", undefined, { type: "radio", name: "kg-eval-set", value: set.id });
    radio.addEventListener("change", () => {
      status.replaceChildren();
      choose(set.id);
    });
    const count = set.questions === null ? say("evaluate.made_when_run") : say("evaluate.questions", { n: set.questions });
    const about = set.kind === "drafted" ? `${count}, ${say("evaluate.is_drafted")}` : count;
    const tools = make("span", "kg-row-tools", [
      set.kind === "corrections" ? null : button("kg-icon", "✎", () => open(set), { title: say("evaluate.open_set"), "aria-label": say("evaluate.open_named", { name }) }),
      isOwn(set) ? button("kg-icon", "×", () => ask(), { title: say("evaluate.delete"), "aria-label": say("evaluate.delete_named", { name }) }) : null]);
    const line = make("div", "kg-eval-set", [
      make("label", "kg-choice", [radio, make("span", "kg-eval-set-text", [make("bdi", "kg-name", name), make("span", "kg-about", about)])]), tools]);
    const item = make("div", "kg-eval-set-item", [line, skippedLines(say, set.skipped)]);
    const ask = () => {
      if (item.querySelector(".kg-confirmation")) return;
      item.append(confirmation(kit, {
        words: say("evaluate.delete_set", { name }), yes: say("evaluate.delete"),
        no: () => item.querySelector(".kg-confirmation").remove(),
        act: async () => {
          await kit.ask("delete-set", `/evaluation/sets/${set.id}`, { method: "DELETE" });
          await load();
        } }));
    };
    return item;
  }

  const working = (words) => status.replaceChildren(make("span", "kg-spinner", words));

  async function act(words, task) {
    working(words);
    zone.classList.add("kg-busy");
    await kit.run(status, async () => {
      const made = await task().finally(() => status.querySelector(".kg-spinner")?.remove());
      at = made.id;
      status.replaceChildren(make("p", "kg-good", say("evaluate.added", { name: made.name, questions: say("evaluate.questions", { n: made.questions }) })));
      await load();
      if (made.kind === "drafted") open(made);
    });
    zone.classList.remove("kg-busy");
  }

  function upload(sent) {
    if (!sent) return;
    act(say("evaluate.checking"), async () => {
      const form = new FormData();
      form.append("file", sent, sent.name);
      form.append("name", sent.name.replace(/\.[^.]*$/, "").slice(0, 80));
      const answer = await fetch(libraryPath("/evaluation/sets"), { method: "POST", body: form }).catch((error) => {
        throw new ServerError("unreachable", error.message, 0);
      });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new ServerError(told?.error?.code ?? "failed", told?.error?.message ?? "", answer.status);
      return told;
    });
  }

  function draft() {
    const day = new Intl.DateTimeFormat(kit.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date());
    act(say("evaluate.drafting"), () => kit.ask("draft", "/evaluation/sets/draft", {
      method: "POST", body: { limit: DRAFTED, name: say("evaluate.drafted_on", { day }) } }));
  }

  return { box, load };
}

export const isOwn = (set) => set.kind === "own" || set.kind === "drafted";

export const setName = (say, set) =>
  ["corrections", "examples"].includes(set.kind) ? say(set.kind === "examples" ? "evaluate.set_examples" : "evaluate.set_corrections") : set.name;

function skippedLines(say, skipped) {
  if (!skipped.length) return null;
  return make("details", "kg-eval-skipped", [
    make("summary", "", say("evaluate.skipped", { n: skipped.length })),
    make("ul", "", skipped.map((line) => make("li", "", line)))]);
}
