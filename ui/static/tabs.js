// A row of tabs with their panels; arrow keys go from one to the next.
import { button, make } from "./parts.js";

let rows = 0;

export function tabs(label, entries, shownNow) {
  const row = (rows += 1);
  const heads = entries.map(({ id, label: name }) => button("kg-tab", name, () => show(id), { role: "tab", id: `kg-tab-${row}-${id}`, "aria-controls": `kg-panel-${row}-${id}` }));
  const panels = entries.map(({ id, content }) => make("div", "kg-tab-panel", content, { role: "tabpanel", id: `kg-panel-${row}-${id}`, "aria-labelledby": `kg-tab-${row}-${id}` }));
  const strip = make("div", "kg-tabs", heads, { role: "tablist", "aria-label": label });
  let at = 0;

  function show(id) {
    at = entries.findIndex((entry) => entry.id === id);
    heads.forEach((head, index) => {
      head.setAttribute("aria-selected", String(index === at));
      head.tabIndex = index === at ? 0 : -1;
      panels[index].hidden = index !== at;
    });
    shownNow(id);
  }

  strip.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(entries[(at + step + entries.length) % entries.length].id);
    heads[at].focus();
  });
  const box = make("div", "kg-tabbed", [strip, ...panels]);
  show(entries[0].id);
  return { box, show, shown: () => entries[at].id };
}
