// The explorer: the graph of a library, what of it is drawn, and a panel about what was clicked.
// The overview and each expansion are remembered as steps: after a correction, or when documents
// come and go, they are asked for again and everything that is still there stays where it was.
import { combobox } from "./controls.js";
import { correctionList } from "./corrections.js";
import { explorerFilters } from "./explore_filters.js";
import { entityFinder } from "./explore_forms.js";
import { explorerPanel } from "./explore_panel.js";
import { layOut } from "./explore_layout.js";
import { explorerLegend } from "./explore_legend.js";
import { explorerStage } from "./explore_stage.js";
import { button, make, ServerError, viewKit } from "./parts.js";

const EXPANSION = 50;
const MOST_STEPS = 12;

const afterPaint = (act) => requestAnimationFrame(() => setTimeout(act));

export function mount(element, options) {
  const root = make("div", "kg-client kg-explore");
  const kit = viewKit("explore", options, { load: (why) => reload(why) });
  const { say } = kit;
  const parts = layOut(kit);
  root.append(...parts.whole);
  element.replaceChildren(root);
  element.kgExplore = () => stage.graph();

  let steps = [];
  let chosen = null; // {node: id} | {edge: data}
  let wanted = null; // an entity to show once the graph is there

  const stage = explorerStage(parts, {
    node: (id) => choose(id), edge: (data) => chooseEdge(data), nothing: () => close(), expand: (id) => expand(id),
    current: () => chosen?.node ?? null, counted: paintCount });
  const panel = explorerPanel(kit, { box: parts.panel, notices: parts.notices }, {
    close, expand, choose: (id) => show(id), path: findPath,
    edge: (edge, graph) => { stage.add(graph, stage.has(edge.source) ? edge.source : edge.target); chooseEdge(edge); } });
  const legend = explorerLegend(kit, stage, parts);
  const filters = explorerFilters(kit, () => overview());
  const corrections = correctionList(kit);
  const search = combobox({
    label: say("explore.search"), find: entityFinder(kit, "search"), emptyText: say("common.nothing"), choose: (entity) => show(entity.id) });

  parts.searchPlace.append(search.box);
  parts.filterPlace.append(
    filters.box, button("kg-button kg-small", say("explore.reset"), () => filters.clear()),
    make("details", "kg-checklist kg-made", [make("summary", "", say("common.corrections")), corrections.box]));
  const act = { fit: () => stage.fit(), in: () => stage.zoomIn(), out: () => stage.zoomOut() };
  for (const [name, node] of Object.entries(parts.zoom)) node.addEventListener("click", act[name]);
  parts.colour.addEventListener("change", () => { legend.forget(); stage.colourBy(parts.colour.value); legend.paint(parts.communities); });

  async function reload(why) {
    if (why === "library") {
      steps = [];
      close();
      parts.notices.replaceChildren();
      await overview({ facets: true });
    } else {
      await overview({ facets: true, keepView: true });
    }
    corrections.load();
  }

  function overview({ facets = false, keepView = false } = {}) {
    if (!keepView) steps = [];
    parts.filterCount.textContent = filters.chosen() ? say.number(filters.chosen()) : "";
    return kit.run(parts.stageBox, async () => {
      const [graph, found] = await Promise.all([
        kit.ask("overview", "/graph", { query: { limit: filters.limit(), ...filters.query() } }),
        facets ? kit.ask("facets", "/graph/facets") : null]);
      if (found) filters.fill(found);
      const more = keepView ? await Promise.all(steps.map((step) => again(step))) : [];
      drawAll(graph, more, keepView);
      if (wanted) show(wanted);
      else if (chosen) choose(chosen.node ?? null, { quiet: true }); // perhaps while this was under way
    });
  }

  // A step whose entity was merged into another or is gone with its documents adds nothing.
  const again = (id) => neighbours(id).catch((error) => {
    if (error instanceof ServerError && error.status === 404) return { nodes: [], edges: [] };
    throw error;
  });

  function drawAll(graph, more, keepView) {
    const isEmpty = graph.nodes.length === 0;
    const isFiltered = filters.chosen() > 0;
    parts.empty.hidden = !isEmpty;
    parts.empty.replaceChildren(...(isFiltered
      ? [make("p", "", say("explore.none_match")), button("kg-button", say("explore.reset"), () => filters.clear())]
      : [make("h3", "", say("explore.empty_title")), make("p", "", say("explore.empty_text"))]));
    stage.draw(graph, { keepView });
    more.forEach((one, index) => stage.add(one, steps[index]));
    parts.total = graph.total;
    parts.communities = graph.communities;
    paintCount({ nodes: stage.drawn().length, edges: stage.graph().edges().length });
    legend.paint(parts.communities);
  }

  const neighbours = (id) => kit.ask(`neighbours ${id}`, "/graph/neighbours", { query: { entity: id, limit: EXPANSION, ...filters.query() } });

  function expand(id) {
    return kit.run(parts.stageBox, async () => {
      const graph = await neighbours(id);
      steps = [...steps.filter((step) => step !== id), id].slice(-MOST_STEPS);
      const came = stage.add(graph, id);
      legend.paint(parts.communities);
      stage.select(id);
      parts.spoken.textContent = came ? say("explore.came", { n: came }) : say("explore.none_came");
    });
  }

  // Shows an entity that may not be drawn yet.
  async function show(id) {
    wanted = null;
    if (!stage.has(id)) await expand(id);
    if (!stage.has(id)) return;
    stage.select(id, { centre: true });
    choose(id);
  }

  function choose(id, { quiet = false } = {}) {
    if (id === null || !stage.has(id)) return close();
    chosen = { node: id };
    // The panel first: to draw a large graph anew takes longer than an answer to a click may.
    afterPaint(() => chosen?.node === id && stage.select(id));
    if (!quiet) parts.spoken.textContent = stage.name(id);
    const clear = () => chosen?.node === id && stage.reveal(id, covered());
    panel.entity(stage.node(id)).then(clear); // the panel grows as its content comes
    clear();
  }

  // How much of the stage the panel lies over: nothing where it stands beside it.
  const covered = () => Math.max(parts.stageBox.getBoundingClientRect().bottom - parts.panel.getBoundingClientRect().top, 0)
    * (getComputedStyle(parts.panel).position === "absolute" ? 1 : 0);

  function chooseEdge(data) {
    chosen = { edge: data.id };
    afterPaint(() => chosen?.edge === data.id && stage.select(data.id));
    panel.edge(data, stage.name);
  }

  function close() {
    chosen = null;
    stage.clear();
    panel.close();
  }

  function findPath(from, to) {
    return kit.run(parts.stageBox, async () => {
      const graph = await kit.ask("path", "/graph/path", { query: { from: from.id, to: to.id } });
      stage.add(graph, from.id);
      chosen = null;
      panel.path(graph, from.name, to.name);
      afterPaint(() => stage.selectPath(graph.edges)); // the panel has taken its room by then
    });
  }

  function paintCount({ nodes, edges }) {
    if (!parts.total) return;
    parts.count.textContent = say("explore.drawn", { nodes, edges, all_nodes: parts.total.nodes, all_edges: parts.total.edges });
  }

  window.addEventListener("kgrag:explore", ({ detail }) => {
    wanted = detail.entity;
    if (kit.isShown() && stage.graph()) show(wanted);
  });
  window.addEventListener("kgrag:view", () => {
    if (kit.isShown() && wanted && stage.graph()) requestAnimationFrame(() => wanted && show(wanted));
  });
  kit.begin();
}
