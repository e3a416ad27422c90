// The drawn graph: cytoscape with preset positions, its look, labels where they fit, and the keys.
// Names reach it as data of the canvas only. Above MANY nodes edges are plain lines, and are not
// drawn while the graph moves.
import { GROUPS, later, showable } from "./parts.js";
import { fittingLabels, GAP, placeAround, scaler, Taken } from "./explore_place.js";
import { minimap } from "./minimap.js";

export const COMMUNITIES = 10; // as many as there are colours that can be told apart
const MANY = 500;
const LABEL_PX = 12;
const LONGEST = 42;
const ZOOM = 1.3;

export function explorerStage({ canvas, map, tip }, handlers) {
  let cy = null;
  let colourBy = "community";
  let ranks = new Map();
  let toOurs = scaler([]);
  let near = null; // what stands out beside the selected one
  const small = minimap(map, () => cy);
  const css = (name) => getComputedStyle(canvas).getPropertyValue(name).trim();

  function look(many) {
    const text = css("--kg-text");
    const line = css("--kg-line-strong");
    const accent = css("--kg-accent");
    const halo = { "text-outline-color": css("--kg-bg"), "text-outline-width": 2 };
    const arrows = many ? { "curve-style": "haystack", "haystack-radius": 0.3 }
      : { "curve-style": "straight", "target-arrow-shape": "triangle", "arrow-scale": 0.8 };
    return [
      { selector: "node", style: {
        width: "data(size)", height: "data(size)", "background-color": "data(colour)",
        "border-width": many ? 0 : 1.5, "border-color": css("--kg-bg") } },
      { selector: "edge", style: {
        width: many ? 1.2 : "data(width)", "line-color": line, opacity: many ? 0.5 : 0.8,
        "target-arrow-color": line, ...arrows } },
      { selector: "node.kg-labelled", style: {
        label: "data(short)", color: text, "font-size": "data(font)", "font-family": "system-ui, sans-serif",
        "text-valign": "bottom", "text-margin-y": 3, "min-zoomed-font-size": 7, ...halo } },
      { selector: ".kg-faded", style: { opacity: 0.12 } },
      { selector: "edge.kg-near", style: {
        width: 2.5, "line-color": accent, "target-arrow-color": accent, opacity: 1, "z-index": 9 } },
      { selector: "edge.kg-named", style: {
        label: "data(label)", color: css("--kg-muted"), "font-size": "data(font)", "font-family": "system-ui, sans-serif",
        "text-rotation": "autorotate", ...halo } },
      { selector: "node:selected", style: { "border-width": 4, "border-color": text, "z-index": 10 } },
      { selector: "edge:selected", style: {
        width: 4, "line-color": text, "target-arrow-color": text, opacity: 1, "z-index": 10 } },
    ];
  }

  const palette = () => Object.fromEntries([
    ...Array.from({ length: COMMUNITIES }, (_, index) => [index, css(`--kg-community-${index}`)]),
    ...GROUPS.map((group) => [group, css(`--kg-${group}`)])]);

  const colourOf = (node, colours) => colourBy === "type"
    ? colours[node.group] ?? colours.other
    : colours[ranks.get(node.community)] ?? colours.literal;

  const nodeData = (node, colours) => ({
    ...node, short: showable(node.label.length > LONGEST ? `${node.label.slice(0, LONGEST - 1)}…` : node.label),
    size: 14 + Math.min(5 * Math.sqrt(node.degree ?? 1), 46), font: LABEL_PX, colour: colourOf(node, colours) });

  const edgeData = (edge) => ({
    ...edge, label: showable(edge.label), font: LABEL_PX - 2,
    width: 1.2 + Math.min(Math.log2(Math.max(edge.evidence ?? 1, 1)), 3) });

  // Draws a graph anew. What stood somewhere stands there still; `keepView` also keeps the view.
  function draw(graph, { keepView = false } = {}) {
    const old = cy ? { pan: cy.pan(), zoom: cy.zoom(), spots: new Map(cy.nodes().map((node) => [node.id(), { ...node.position() }])) } : null;
    const many = graph.nodes.length > MANY;
    rank(graph.communities);
    if (!keepView || !old) toOurs = scaler(graph.nodes);
    cy?.destroy();
    near = null;
    const colours = palette();
    const stay = keepView ? old?.spots : undefined;
    cy = globalThis.cytoscape({
      container: canvas, style: look(many), minZoom: 0.03, maxZoom: 4, selectionType: "single", boxSelectionEnabled: false,
      hideEdgesOnViewport: many, textureOnViewport: many, pixelRatio: many ? 1 : "auto",
      elements: [
        ...graph.nodes.map((node) => ({ group: "nodes", data: nodeData(node, colours), position: stay?.get(node.id) ?? toOurs(node) })),
        ...graph.edges.map((edge) => ({ group: "edges", data: edgeData(edge) }))],
      layout: { name: "preset", fit: false },
    });
    if (keepView && old) cy.viewport({ zoom: old.zoom, pan: old.pan });
    else fit();
    listen();
    changed();
  }

  // Adds what is new: around `parent`, without moving anything else. Returns how many nodes came.
  function add(graph, parentId = null) {
    if (!cy) return draw(graph), graph.nodes.length;
    const colours = palette();
    const taken = new Taken(cy.nodes().map((node) => node.position()));
    const box = cy.nodes().boundingBox({ includeLabels: false });
    const centre = { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
    const parent = parentId ? cy.getElementById(parentId) : cy.collection();
    // Communities are those of what was drawn first: what comes later belongs to where it hangs.
    const community = parent.nonempty() ? parent.data("community") : null;
    const fresh = graph.nodes.filter((node) => cy.getElementById(node.id).empty()).map((node) => ({ ...node, community }));
    const base = parent.nonempty() ? { ...parent.position() } : { x: box.x2 + 2 * GAP, y: centre.y };
    const spots = placeAround(base, fresh.length, taken, centre);
    cy.batch(() => {
      const own = fresh.findIndex((node) => node.id === parentId);
      if (own >= 0) [fresh[0], fresh[own]] = [fresh[own], fresh[0]];
      fresh.forEach((node, index) => cy.add({
        group: "nodes", data: nodeData(node, colours),
        position: index === 0 && own >= 0 && taken.isFree(base) ? base : spots[index] }));
      for (const edge of graph.edges) {
        if (cy.getElementById(edge.id).empty()) cy.add({ group: "edges", data: edgeData(edge) });
      }
    });
    changed();
    return fresh.length;
  }

  function rank(communities) {
    const bySize = [...(communities ?? [])].sort((one, other) => other.size - one.size);
    ranks = new Map(bySize.slice(0, COMMUNITIES).map((community, index) => [community.id, index]));
  }

  function recolour() {
    if (!cy) return;
    const colours = palette();
    cy.batch(() => cy.nodes().forEach((node) => { node.data("colour", colourOf(node.data(), colours)); }));
    cy.style(look(cy.nodes().length > MANY));
    small.paint();
  }

  const labels = () => {
    if (!cy || !canvas.clientWidth) return;
    const zoom = cy.zoom();
    const ordered = cy.nodes().toArray().sort((one, other) =>
      other.selected() - one.selected() || other.hasClass("kg-near") - one.hasClass("kg-near") || other.data("degree") - one.data("degree"));
    const shown = fittingLabels(ordered.map((node) => {
      const { x, y } = node.renderedPosition();
      return { x, y, size: node.data("size") * zoom, must: node.selected() || node.hasClass("kg-near"), width: node.data("short").length * LABEL_PX * 0.56 + 8, height: LABEL_PX + 6 };
    }), { width: canvas.clientWidth, height: canvas.clientHeight });
    cy.batch(() => ordered.forEach((node, index) => {
      const isShown = shown.has(index);
      if (isShown !== node.hasClass("kg-labelled")) node.toggleClass("kg-labelled", isShown);
      if (isShown) node.data("font", LABEL_PX / zoom);
    }));
    const named = cy.edges().length <= 25 ? cy.edges() : cy.edges(".kg-near, :selected");
    cy.edges(".kg-named").not(named).removeClass("kg-named");
    if (named.length <= 25) cy.batch(() => named.forEach((edge) => { edge.addClass("kg-named").data("font", (LABEL_PX - 1) / zoom); }));
  };
  const settle = later(labels, 100);

  function changed() {
    labels();
    small.paint();
    handlers.counted?.({ nodes: cy.nodes().length, edges: cy.edges().length });
  }

  function listen() {
    cy.on("tap", "node", ({ target }) => handlers.node(target.id()));
    cy.on("tap", "edge", ({ target }) => handlers.edge(target.data()));
    cy.on("tap", ({ target }) => target === cy && handlers.nothing());
    cy.on("dbltap", "node", ({ target }) => handlers.expand(target.id()));
    cy.on("viewport", () => { small.frame(); settle(); tip.hidden = true; });
    cy.on("dragfree", "node", () => { small.paint(); labels(); });
    cy.on("mouseover", "node", ({ target }) => {
      const { x, y } = target.renderedPosition();
      tip.textContent = showable(target.data("label"));
      tip.style.translate = `${Math.round(x)}px ${Math.round(y + (target.data("size") * cy.zoom()) / 2 + 6)}px`;
      tip.hidden = target.hasClass("kg-labelled");
      canvas.style.cursor = "pointer";
    });
    cy.on("mouseout", "node", () => { tip.hidden = true; canvas.style.cursor = ""; });
  }

  // Only what is marked is touched: to ask ten thousand elements takes longer than a click may.
  function clear() {
    cy?.batch(() => {
      cy.$(":selected").unselect();
      near?.removeClass("kg-near");
    });
    near = cy?.collection();
  }

  function mark(elements) {
    near = elements.addClass("kg-near");
  }

  // Selects a node or an edge, and its surroundings; `centre` brings it into view.
  function select(id, { centre = false } = {}) {
    const found = cy?.getElementById(id);
    clear();
    if (!found || found.empty()) return false;
    found.select();
    if (found.isNode()) mark(found.connectedEdges().union(found.neighborhood().nodes()));
    if (centre) {
      if (cy.zoom() < 0.5) cy.zoom(0.8);
      cy.center(found);
    }
    labels();
    return true;
  }

  // Moves the graph until a node stands where the panel, which lies over the lower `covered` pixels,
  // leaves it free.
  function reveal(id, covered) {
    const node = cy?.getElementById(id);
    if (!node || node.empty() || !node.isNode() || !covered) return;
    const { y } = node.renderedPosition();
    if (y > cy.height() - covered - 40) cy.panBy({ x: 0, y: (cy.height() - covered) / 2 - y });
  }

  function selectPath(edges) {
    clear();
    const path = cy.collection(edges.map((edge) => cy.getElementById(edge.id)).filter((edge) => edge.nonempty()));
    const whole = path.union(path.connectedNodes());
    mark(whole);
    if (whole.nonempty()) fit(whole);
    labels();
  }

  // Leaves only some communities (types) in full colour; null: all.
  function spotlight(isLit) {
    cy?.batch(() => {
      cy.elements().removeClass("kg-faded");
      if (!isLit) return;
      const dark = cy.nodes().filter((node) => !isLit(node.data()));
      dark.union(dark.connectedEdges()).addClass("kg-faded");
    });
  }

  function fit(what = undefined) {
    cy?.resize();
    cy?.fit(what, 30);
    if (cy && cy.zoom() > 1.4) cy.zoom(1.4), cy.center(what);
  }

  const zoomBy = (factor) => cy?.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });

  // An arrow key goes to the nearest node in its direction, from the one that is selected.
  function step(dx, dy) {
    const known = handlers.current() ? cy.getElementById(handlers.current()) : cy.collection();
    const from = known[0] ?? cy.nodes().max((node) => node.data("degree")).ele;
    if (!from) return;
    const here = from.position();
    const cost = (node) => {
      const [x, y] = [node.position("x") - here.x, node.position("y") - here.y];
      const along = x * dx + y * dy;
      return along <= 0 || node === from ? Infinity : along + 2.5 * Math.abs(x * dy - y * dx);
    };
    const near = cy.nodes().min(cost);
    const next = known.empty() ? from : near.value < Infinity ? near.ele : null;
    if (!next) return;
    handlers.node(next.id());
    const { x, y } = next.renderedPosition();
    if (x < 20 || y < 20 || x > cy.width() - 20 || y > cy.height() - 20) cy.center(next);
  }

  const keys = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    "+": () => zoomBy(ZOOM), "=": () => zoomBy(ZOOM), "-": () => zoomBy(1 / ZOOM), 0: () => fit(),
    Enter: () => handlers.current() && handlers.expand(handlers.current()), Escape: () => handlers.nothing(),
  };
  canvas.addEventListener("keydown", (event) => {
    if (!cy || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    keys[event.key]();
    event.preventDefault();
  });
  new ResizeObserver(() => {
    if (!cy || !canvas.clientWidth) return;
    cy.resize();
    small.paint();
    settle();
  }).observe(canvas);
  new MutationObserver(recolour).observe(document.body, { attributeFilter: ["class"] });

  return {
    draw, add, select, reveal, selectPath, spotlight, fit, clear,
    zoomIn: () => zoomBy(ZOOM), zoomOut: () => zoomBy(1 / ZOOM),
    has: (id) => cy !== null && cy.getElementById(id).nonempty(),
    name: (id) => cy?.getElementById(id).data("label"),
    node: (id) => cy?.getElementById(id).data(),
    drawn: () => cy?.nodes().map((node) => node.data()) ?? [],
    rankOf: (community) => ranks.get(community),
    colourBy(what) { colourBy = what; recolour(); },
    graph: () => cy,
  };
}
