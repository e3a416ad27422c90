// The side panel of the explorer: an entity with its facts by relation, a fact with its sentences,
// a path. What a node or an edge tells without asking the service is shown at once.
import { correctionForm } from "./explore_forms.js";
import { factLine, retraction, sentencesOf, wholeFact } from "./evidence.js";
import { button, dot, emit, groupColour, make, wikidataLink } from "./parts.js";

const NEIGHBOURS = 60;
const DOCUMENTS_AT_FIRST = 5;

export function explorerPanel(kit, { box, notices }, actions) {
  const { say } = kit;

  function open(...content) {
    const close = button("kg-close-plain kg-panel-close", "×", () => actions.close(), { "aria-label": say("common.close") });
    box.replaceChildren(close, ...content);
    box.hidden = false;
    box.scrollTop = 0;
  }

  const head = (node) => make("header", "kg-panel-head", [
    make("h3", "", make("bdi", "kg-name", node.label ?? node.name)),
    make("span", "kg-type-line", [dot(groupColour(node.group)), make("span", "kg-about", node.type_label ?? node.type)])]);

  function entity(node) {
    const rest = make("div", "kg-panel-rest");
    open(head(node), rest);
    return kit.run(rest, async () => {
      const [whole, around] = await Promise.all([
        kit.ask("entity", "/graph/entity", { query: { id: node.id } }),
        kit.ask("around", "/graph/neighbours", { query: { entity: node.id, limit: NEIGHBOURS } })]);
      rest.replaceChildren(...named(whole), tools(whole), ...stands(whole), ...facts(whole, around));
      box.querySelector("h3").replaceChildren(make("bdi", "kg-name", whole.name));
    });
  }

  function named(whole) {
    const others = whole.names.filter(({ text }) => text !== whole.name);
    const rows = [];
    if (others.length) {
      rows.push(make("p", "kg-names", [
        make("span", "kg-label", say("explore.also")),
        ...others.map(({ text, count }) => make("span", "kg-alias", [make("bdi", "kg-name", text), make("span", "kg-about", `×${say.number(count)}`)]))]));
    }
    const link = wikidataLink(whole.wikidata);
    if (link) rows.push(make("p", "", link));
    return rows;
  }

  function tools(whole) {
    const place = make("div", "kg-form-place");
    const form = (kind) => () => {
      place.replaceChildren(correctionForm(kit, kind, whole, {
        notices, done: () => place.replaceChildren(), cancel: () => place.replaceChildren(), path: actions.path }));
      place.querySelector("input, select, button")?.focus();
    };
    return make("div", "kg-tools", [
      button("kg-button kg-main", say("explore.expand"), () => actions.expand(whole.id)),
      ...["path", "merge", "rename", "split"].map((kind) => button("kg-button", say(`explore.${kind}`), form(kind))),
      place]);
  }

  function stands(whole) {
    const row = (item) => make("li", "", button("kg-plain", [
      make("bdi", "kg-name", item.name), make("span", "kg-about", say("explore.mentions", { n: item.mentions }))],
    () => emit("read", { document: item.id, start: 0, end: 0, entity: whole.id })));
    const list = make("ul", "kg-rows", whole.documents.slice(0, DOCUMENTS_AT_FIRST).map(row));
    const left = whole.documents.length - DOCUMENTS_AT_FIRST;
    const more = left > 0 ? button("kg-button kg-small", say("common.more", { n: left }), () => {
      list.append(...whole.documents.slice(DOCUMENTS_AT_FIRST).map(row));
      more.remove();
    }) : null;
    return [make("h4", "", say("explore.documents_of", { n: whole.documents.length })), list, more].filter(Boolean);
  }

  function facts(whole, around) {
    const names = new Map(around.nodes.map((node) => [node.id, node]));
    const groups = whole.relations.map(({ relation, label, direction, count }) => {
      const isOut = direction === "out";
      const edges = around.edges.filter((edge) => edge.relation === relation
        && (direction === "both" ? [edge.source, edge.target].includes(whole.id) : (isOut ? edge.source : edge.target) === whole.id));
      return relationGroup(whole, { relation, label, isOut, count, edges, names });
    });
    return [make("h4", "", say("explore.facts", { n: whole.facts })), ...groups];
  }

  function relationGroup(whole, { relation, label, isOut, count, edges, names }) {
    const row = (edge) => {
      const other = names.get(edge.source === whole.id ? edge.target : edge.source);
      return make("li", "", button("kg-plain", [
        make("bdi", "kg-name", other?.label ?? ""), edge.evidence > 1 ? make("span", "kg-about", `×${say.number(edge.evidence)}`) : null],
      () => actions.edge(edge, around(edge, names))));
    };
    const list = make("ul", "kg-rows", edges.map(row));
    const holder = make("div", "", list);
    const left = count - edges.length;
    if (left > 0) {
      const more = button("kg-button kg-small", say("common.more", { n: left }), () => kit.run(holder, async () => {
        const all = await kit.ask(`around ${relation}`, "/graph/neighbours", { query: { entity: whole.id, relations: relation, limit: 500 } });
        for (const node of all.nodes) names.set(node.id, node);
        list.replaceChildren(...all.edges.filter((edge) => (isOut ? edge.source : edge.target) === whole.id).map(row));
        more.remove();
      }));
      holder.append(more);
    }
    const direction = make("span", "kg-direction", isOut ? "→" : "←", { title: say(isOut ? "explore.out" : "explore.in") });
    return make("details", "kg-relation-group", [
      make("summary", "", [direction, make("span", "", label), make("span", "kg-badge", say.number(count))]), holder], { open: count <= 12 });
  }

  const around = (edge, names) => ({
    nodes: [names.get(edge.source), names.get(edge.target)].filter(Boolean), edges: [edge] });

  function edge(data, name) {
    const known = {
      subject: { id: data.source, name: name(data.source) ?? "" }, relation: { id: data.relation, label: data.label },
      object: { id: data.target, name: name(data.target) ?? "" } };
    const choose = (end) => actions.choose(end.id);
    const rest = make("div", "kg-panel-rest");
    open(factLine(known, choose), rest);
    return kit.run(rest, async () => {
      const fact = await wholeFact(kit, data.source, data.relation, data.target);
      rest.replaceChildren(
        make("p", "kg-about", say("fact.stated", { n: fact.evidence_count, documents: say("fact.documents", { n: fact.documents }), share: say.percent(fact.confidence) })),
        sentencesOf(kit, fact), retraction(kit, notices, fact));
    });
  }

  function path(graph, from, to) {
    const names = new Map(graph.nodes.map((node) => [node.id, node.label]));
    const step = (item) => make("li", "", button("kg-card", make("span", "kg-fact-line", [
      make("bdi", "kg-name", names.get(item.source)), make("span", "kg-relation", item.label), make("bdi", "kg-name", names.get(item.target))]),
    () => actions.edge(item, graph)));
    open(
      make("h3", "", say("explore.path_title")),
      make("p", "kg-about", [make("bdi", "kg-name", from), " — ", make("bdi", "kg-name", to)]),
      graph.edges.length ? make("ol", "kg-steps", graph.edges.map(step)) : make("p", "kg-empty", say("explore.no_path")));
  }

  return { entity, edge, path, close() { box.hidden = true; box.replaceChildren(); } };
}
