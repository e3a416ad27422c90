// The view of facts: as a table, on a time line, and those that contradict each other.
import { contradictions } from "./contradictions.js";
import { factsTable } from "./facts_table.js";
import { later, make, viewKit } from "./parts.js";
import { tabs } from "./tabs.js";
import { timeline } from "./timeline.js";

export function mount(element, options) {
  const root = make("div", "kg-client kg-facts");
  const kit = viewKit("facts", options, { load: () => reload() });
  const { say } = kit;
  element.replaceChildren(root);

  const notices = make("div", "kg-notices");
  const text = make("input", "kg-input kg-time-search", undefined, { type: "search", placeholder: say("timeline.search"), "aria-label": say("timeline.search") });
  const table = factsTable(kit, notices);
  const time = timeline(kit, notices, () => text.value.trim());
  const conflicts = contradictions(kit, notices);
  const waiting = new Set(); // tabs that hold what is out of date
  const begin = { table: table.begin, timeline: time.load, contradictions: conflicts.load };

  time.box.querySelector(".kg-bar").prepend(text);
  text.addEventListener("input", later(() => time.load()));
  const strip = tabs(say("table.tabs"), [
    { id: "table", label: say("table.tab"), content: table.box },
    { id: "timeline", label: say("timeline.tab"), content: time.box },
    { id: "contradictions", label: say("contradictions.tab"), content: conflicts.box }], fresh);
  root.append(strip.box, notices);

  function fresh(id) {
    if (!waiting.delete(id)) return;
    begin[id]();
  }

  function reload() {
    for (const id of Object.keys(begin)) waiting.add(id);
    fresh(strip.shown());
  }

  kit.begin();
}
