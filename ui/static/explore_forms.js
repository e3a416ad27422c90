// The forms of the explorer's panel: a path to another entity, and the corrections. Each correction
// is put into words before it is made.
import { combobox, confirmation } from "./controls.js";
import { correct } from "./evidence.js";
import { button, make } from "./parts.js";

export const entityFinder = (kit, slot, without = "") => async (text) => {
  const found = await kit.ask(slot, "/graph/entities", { query: { query: text, limit: 20 } });
  return found.filter((entity) => entity.id !== without).map((entity) => ({
    label: entity.name, group: entity.group, value: entity,
    detail: [entity.type_label, kit.say("explore.fact_count", { n: entity.facts })].join(" · ") }));
};

export function correctionForm(kit, kind, entity, { notices, done, cancel, path }) {
  const { say } = kit;
  const box = make("div", "kg-form");
  const ask = (words, yes, correction, said) => box.replaceChildren(confirmation(kit, {
    words, yes, no: cancel,
    act: async () => {
      await correct(kit, notices, correction, said);
      done();
    } }));
  const actions = (label, go) => make("div", "kg-actions", [
    button("kg-button kg-main", label, go), button("kg-button", say("common.cancel"), cancel)]);

  const other = (label, choose) => {
    const search = combobox({ label, find: entityFinder(kit, `form ${kind}`, entity.id), choose, emptyText: say("common.nothing") });
    box.append(make("p", "kg-label", label), search.box, make("div", "kg-actions", button("kg-button", say("common.cancel"), cancel)));
  };

  const build = {
    path: () => other(say("explore.path_to"), (chosen) => { done(); path(entity, chosen); }),

    merge: () => other(say("explore.merge_with"), (chosen) => {
      const names = { keep: entity.name, other: chosen.name };
      ask(say("explore.merge_question", names), say("explore.merge_yes"),
        { kind: "merge", keep: entity.id, other: chosen.id }, say("explore.merged", names));
    }),

    rename: () => {
      const input = make("input", "kg-input", undefined, { type: "text", maxlength: 200, "aria-label": say("explore.new_name") });
      input.value = entity.name;
      const go = () => {
        const name = input.value.trim();
        if (!name || name === entity.name) return void input.focus();
        const names = { old: entity.name, name };
        ask(say("explore.rename_question", names), say("explore.rename_yes"), { kind: "rename", entity: entity.id, name }, say("explore.renamed", names));
      };
      input.addEventListener("keydown", (event) => event.key === "Enter" && go());
      box.append(make("label", "kg-field", [make("span", "kg-label", say("explore.new_name")), input]), actions(say("common.next"), go));
    },

    split: () => {
      const names = new Set();
      const documents = new Set();
      const row = (chosen, value, text, detail) => {
        const tick = make("input", "", undefined, { type: "checkbox" });
        tick.addEventListener("change", () => (tick.checked ? chosen.add(value) : chosen.delete(value)));
        return make("label", "kg-check", [tick, make("bdi", "kg-name", text), make("span", "kg-about", detail)]);
      };
      const trouble = make("p", "kg-about", "", { role: "status" });
      const go = () => {
        const isAll = names.size === entity.names.length || documents.size === entity.documents.length;
        if ((!names.size && !documents.size) || isAll) return void (trouble.textContent = say(isAll ? "explore.split_all" : "explore.split_none"));
        const titles = entity.documents.filter((item) => documents.has(item.id)).map((item) => item.name);
        const what = [...names, ...titles].join(", ");
        ask(say("explore.split_question", { name: entity.name, what }), say("explore.split_yes"),
          { kind: "split", entity: entity.id, names: [...names], documents: [...documents] }, say("explore.split_done", { name: entity.name }));
      };
      box.append(
        make("p", "kg-label", say("explore.split_how")),
        make("div", "kg-checks", entity.names.map(({ text, count }) => row(names, text, text, `×${say.number(count)}`))),
        make("p", "kg-label", say("explore.split_documents")),
        make("div", "kg-checks", entity.documents.map((item) => row(documents, item.id, item.name, `×${say.number(item.mentions)}`))),
        trouble, actions(say("common.next"), go));
    },
  };
  build[kind]();
  return box;
}
