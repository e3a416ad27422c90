// The parts of the explorer and where they stand; nothing here does anything.
import { button, make } from "./parts.js";

export function layOut({ say }) {
  const icon = (text, label) => button("kg-tool", text, () => {}, { title: label, "aria-label": label });
  const canvas = make("div", "kg-canvas", undefined, { tabindex: 0, role: "application", "aria-label": say("explore.canvas") });
  const map = make("canvas", "kg-minimap", undefined, { "aria-hidden": "true" });
  const tip = make("div", "kg-tip", undefined, { hidden: true });
  const empty = make("div", "kg-empty kg-explore-empty", undefined, { hidden: true });
  const zoom = { in: icon("+", say("explore.zoom_in")), out: icon("−", say("explore.zoom_out")), fit: icon("⤢", say("explore.fit")) };
  const colour = make("select", "kg-input", [
    make("option", "", say("explore.by_community"), { value: "community" }), make("option", "", say("explore.by_type"), { value: "type" })], { "aria-label": say("explore.colour") });
  const legend = make("div", "kg-legend", undefined, { role: "group", "aria-label": say("explore.legend") });
  const count = make("span", "kg-about kg-drawn");
  const spoken = make("div", "kg-hidden", undefined, { role: "status" });
  const filterCount = make("span", "kg-badge");
  const filterPlace = make("div", "kg-filter-place");
  const searchPlace = make("div", "kg-search-place");
  const isWide = window.matchMedia("(min-width: 1080px)");
  const drawer = make("details", "kg-drawer", [make("summary", "kg-button", [say("explore.filters"), filterCount]), filterPlace], { open: isWide.matches });
  isWide.addEventListener("change", () => { drawer.open = isWide.matches; });
  const panel = make("aside", "kg-panel", undefined, { hidden: true, "aria-label": say("explore.panel") });
  const stageBox = make("div", "kg-explore-stage", [canvas, empty, tip, make("div", "kg-zoom", [zoom.in, zoom.out, zoom.fit]), map]);
  const notices = make("div", "kg-notices");
  const main = make("section", "kg-explore-main", [
    make("div", "kg-bar", [searchPlace, make("label", "kg-colour", [make("span", "kg-label", say("explore.colour")), colour]), count]),
    stageBox, legend]);
  return { canvas, map, tip, empty, zoom, colour, legend, count, spoken, filterCount, filterPlace, searchPlace, panel, stageBox, notices,
    whole: [drawer, main, panel, notices, spoken] };
}
