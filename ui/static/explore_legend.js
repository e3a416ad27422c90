// What the colours of the graph mean; a click leaves only one of them in full colour.
import { COMMUNITIES } from "./explore_stage.js";
import { button, dot, GROUPS, groupColour, make } from "./parts.js";

export function explorerLegend({ say }, stage, { legend, colour }) {
  let lit = null;

  const byType = () => GROUPS.filter((group) => stage.drawn().some((node) => node.group === group)).map((group) => ({
    key: group, label: say(`group.${group}`), colour: groupColour(group), has: (node) => node.group === group }));

  const byCommunity = (communities) => communities.filter(({ id }) => stage.rankOf(id) !== undefined)
    .sort((one, two) => stage.rankOf(one.id) - stage.rankOf(two.id))
    .map(({ id, label, size }) => ({
      key: id, label, size, colour: `var(--kg-community-${stage.rankOf(id)})`, has: (node) => node.community === id }));

  function item(entry) {
    const node = button("kg-legend-button", [
      dot(entry.colour), make("bdi", "kg-name", entry.label), entry.size ? make("span", "kg-about", say.number(entry.size)) : null], () => {
      lit = lit === entry.key ? null : entry.key;
      stage.spotlight(lit === null ? null : entry.has);
      for (const other of legend.children) other.setAttribute("aria-pressed", String(other === node && lit !== null));
    }, { "aria-pressed": String(lit === entry.key), title: entry.label });
    return node;
  }

  function paint(communities = []) {
    const isType = colour.value === "type";
    const items = (isType ? byType() : byCommunity(communities)).map(item);
    if (!isType && communities.length > COMMUNITIES) {
      items.push(make("span", "kg-legend-rest", [dot("var(--kg-literal)"), say("explore.other_communities")]));
    }
    legend.replaceChildren(...items);
  }

  function forget() {
    lit = null;
    stage.spotlight(null);
  }

  return { paint, forget };
}
