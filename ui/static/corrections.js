// The list of corrections that people made in a library, newest first, each with Undo.
import { undoCorrection } from "./evidence.js";
import { button, make } from "./parts.js";

export function correctionList(kit) {
  const { say } = kit;
  const box = make("div", "kg-corrections");
  const when = new Intl.DateTimeFormat(kit.language, { dateStyle: "medium", timeStyle: "short" });

  const row = (item) => {
    const made = new Date(item.made);
    const undo = button("kg-button kg-small", say("common.undo"), () => kit.run(line, async () => {
      undo.disabled = true;
      try { await undoCorrection(kit, item.id); } finally { undo.disabled = false; }
    }), { "aria-label": `${say("common.undo")}: ${item.what}` });
    const line = make("li", "", [
      make("span", "kg-correction", [
        make("bdi", "kg-name", item.what),
        make("span", "kg-about", Number.isNaN(made.getTime()) ? item.made : when.format(made))]), undo]);
    return line;
  };

  const load = () => kit.run(box, async () => {
    const made = await kit.ask("corrections", "/corrections");
    box.replaceChildren(made.length ? make("ul", "kg-rows", made.map(row)) : make("p", "kg-empty", say("common.no_corrections")));
    return made.length;
  });
  return { box, load };
}
