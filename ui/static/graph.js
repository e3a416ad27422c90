// The facts behind an answer: draws the JSON of ui/graph_view.py. Names and quotations reach the page
// through cytoscape's canvas and text nodes only.
import { button, dot, emit, GROUPS, make, speaker, wikidataLink } from "./parts.js";
import { loadWords } from "./page_words.js";

export async function mount({ element, props, trigger, watch, language }) {
const say = speaker(await loadWords(language), language);
const canvas = make("div", "kg-canvas");
const hint = make("div", "kg-empty kg-graph-hint", say("graph.empty"));
const detail = make("div", "kg-detail", undefined, { hidden: true });
const legend = make("div", "kg-legend");
const enlarge = button("kg-enlarge", "⤢", () => element.closest("#kg-graph-panel").classList.toggle("kg-large"), {
  title: say("graph.enlarge"), "aria-label": say("graph.enlarge") });
const box = element.querySelector(".kg-own");
box.classList.add("kg-graph");
box.replaceChildren(make("header", "kg-title", [make("h2", "", say("graph")), enlarge]),
  make("div", "kg-stage", [canvas, hint]), detail, legend);
let cy = null;
let drawn = "";

const css = (name) => getComputedStyle(element).getPropertyValue(name).trim();

function look() {
  const text = css("--kg-text");
  const halo = { "text-outline-color": css("--kg-surface"), "text-outline-width": 2.5 };
  return [
    { selector: "node", style: {
      label: "data(label)", width: 24, height: 24, color: text, "font-size": 12,
      "font-family": "system-ui, sans-serif", "text-valign": "bottom", "text-margin-y": 4,
      "text-wrap": "wrap", "text-max-width": 110, "border-width": 2, "border-color": css("--kg-surface"),
      ...halo } },
    ...GROUPS.map((group) => ({
      selector: `node[group = "${group}"]`, style: { "background-color": css(`--kg-${group}`) } })),
    { selector: "edge", style: {
      label: "data(label)", width: 2, "curve-style": "bezier", "line-color": css("--kg-accent"),
      "target-arrow-color": css("--kg-accent"), "target-arrow-shape": "triangle", "arrow-scale": 0.9,
      color: css("--kg-muted"), "font-size": 10.5, "font-family": "system-ui, sans-serif",
      "text-rotation": "autorotate", "text-wrap": "wrap", "text-max-width": 100, ...halo } },
    { selector: "edge[!isCited]", style: {
      width: 1.2, "line-style": "dashed", "line-color": css("--kg-line-strong"),
      "target-arrow-color": css("--kg-line-strong") } },
    { selector: "edge[?isPath]", style: { width: 2, "line-style": "solid", "line-color": css("--kg-asked"), "target-arrow-color": css("--kg-asked") } },
    { selector: "node[?asked]", style: { "border-color": css("--kg-asked"), "border-width": 4 } },
    { selector: ".kg-focus", style: { width: 4 } },
    { selector: ":selected", style: {
      "border-color": text, "border-width": 3, "line-color": text, "target-arrow-color": text } },
  ];
}

function draw(graph) {
  cy?.destroy();
  const elements = [
    ...graph.nodes.map((data) => ({ group: "nodes", data })),
    ...graph.edges.map((data) => ({
      group: "edges", data: { ...data, isCited: data.cited.length > 0 ? true : undefined } })),
  ];
  cy = cytoscape({
    container: canvas, elements, style: look(), minZoom: 0.1, maxZoom: 2.5, selectionType: "single",
    layout: { name: "cose", animate: false, randomize: false, nodeDimensionsIncludeLabels: true,
      idealEdgeLength: () => (graph.nodes.length < 6 ? 140 : 80), nodeRepulsion: () => 6000, padding: 24, componentSpacing: 40 },
  });
  spread();
  cy.on("tap", "node", ({ target }) => describe(nodeDetail(target.data())));
  cy.on("tap", "edge", ({ target }) => describe(edgeDetail(target)));
  cy.on("tap", ({ target }) => target === cy && describe(null));
  element.kgGraph = cy;
}

// The layout is as high as it is wide; the panel is wider: use its width, labels need it.
function spread() {
  const { w, h } = cy.nodes().boundingBox({ includeLabels: false });
  const stretch = Math.min(Math.max((canvas.clientWidth / canvas.clientHeight) * (h / w), 1), 1.8);
  if (Number.isFinite(stretch)) cy.nodes().positions((node) => ({
    x: node.position("x") * stretch, y: node.position("y") }));
}

function settle() {
  cy.resize();
  cy.fit(undefined, 20);
  // Of a graph too large to read at once, show what the chosen citation states.
  const chosen = cy.edges(".kg-focus").connectedNodes();
  if (cy.zoom() < 0.55 && chosen.nonempty()) cy.fit(chosen, 20);
  // A graph of two nodes would otherwise fill the panel with two huge discs.
  if (cy.zoom() > 1.15) cy.zoom(1.15), cy.center();
  // Names stay readable in a graph that had to be shrunk to fit.
  const scale = Math.min(1 / Math.min(cy.zoom(), 1), 1.7);
  cy.nodes().style("font-size", 12 * scale);
  cy.edges().style("font-size", 10.5 * scale);
}

function paintLegend(graph) {
  const kinds = new Map(graph.nodes.map((node) => [node.type, node.group]));
  legend.replaceChildren(...[...kinds].map(([type, group]) =>
    make("span", "kg-legend-item", [dot(`var(--kg-${group})`), type])));
  if (graph.nodes.some((node) => node.asked)) legend.append(make("span", "kg-legend-item kg-ring", say("graph.asked")));
  if (graph.edges.some((edge) => edge.cited.length === 0)) legend.append(make("span", "kg-legend-item kg-dashed", say("graph.found")));
}

function nodeDetail(node) {
  const explore = button("kg-link-button", say("graph.explore"), () => emit("explore", { entity: node.id }));
  return [make("strong", "", node.label), make("span", "kg-type", node.type),
    node.aliases.length ? make("p", "", say("graph.also", { names: node.aliases.join(", ") })) : null,
    make("p", "kg-links", [wikidataLink(node.wikidata), explore])];
}

function edgeDetail(edge) {
  const data = edge.data();
  const fact = make("p", "kg-fact", [make("strong", "", edge.source().data("label")),
    make("span", "kg-relation", data.label), make("strong", "", edge.target().data("label"))]);
  const quotes = data.evidence.map((item) => {
    const head = make("span", "kg-card-head", [make("bdi", "kg-name", item.document),
      item.page === null ? null : make("span", "kg-page", say("page", { n: item.page }))]);
    return button("kg-card", [head, make("q", "kg-quote", item.quote)],
      () => trigger("click", { open: item.document_id, start: item.start, end: item.end }));
  });
  if (data.more) quotes.push(make("p", "", say("graph.more", { n: data.more })));
  return [fact, ...quotes];
}

function describe(rows) {
  detail.hidden = rows === null;
  if (!rows) return cy?.elements().unselect();
  const close = button("kg-close", "×", () => describe(null), { "aria-label": say("close") });
  detail.replaceChildren(close, ...rows.filter(Boolean));
}

function update() {
  const graph = JSON.parse(props.value || '{"nodes": [], "edges": [], "focus": null}');
  const shape = JSON.stringify([graph.nodes, graph.edges]);
  hint.hidden = graph.nodes.length > 0;
  if (shape !== drawn) {
    drawn = shape;
    describe(null);
    draw(graph);
    paintLegend(graph);
  }
  cy.edges().forEach((edge) => {
    edge.toggleClass("kg-focus", edge.data("cited").includes(graph.focus));
  });
  settle();
}

new ResizeObserver(() => cy && settle()).observe(canvas);
new MutationObserver(() => cy?.style(look())).observe(document.body, { attributeFilter: ["class"] });
update();
watch("value", update);
}
