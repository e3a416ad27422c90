// Claims that cannot all be true, side by side with their sentences: one place of birth, two towns.
import { retraction, sentencesOf } from "./evidence.js";
import { button, dot, emit, groupColour, make } from "./parts.js";

const LISTED = 50;

export function contradictions(kit, notices) {
  const { say } = kit;
  const box = make("div", "kg-contradictions");
  let found = [];
  let shown = LISTED;

  const load = () => kit.run(box, async () => {
    found = await kit.ask("contradictions", "/contradictions");
    shown = LISTED;
    paint();
  });

  function paint() {
    if (!found.length) return box.replaceChildren(make("p", "kg-empty kg-big-empty", say("contradictions.none")));
    const left = found.length - shown;
    return box.replaceChildren(
      make("p", "kg-about", say("contradictions.counted", { n: found.length })), ...found.slice(0, shown).map(conflict),
      ...(left > 0 ? [button("kg-button", say("common.more", { n: left }), () => { shown += LISTED; paint(); })] : []));
  }

  const conflict = ({ subject, relation, claims }) => make("section", "kg-conflict", [
    make("h4", "", [button("kg-plain", make("bdi", "kg-name", subject.name), () => emit("explore", { entity: subject.id })),
      make("span", "kg-relation", relation.label)]),
    make("div", "kg-claims", claims.map(claim))]);

  const claim = (fact) => make("article", "kg-claim", [
    make("header", "", [dot(groupColour(fact.object.group)), make("bdi", "kg-name", fact.object.name)]),
    make("p", "kg-about", say("fact.stated", { n: fact.evidence_count, documents: say("fact.documents", { n: fact.documents }), share: say.percent(fact.confidence) })),
    sentencesOf(kit, fact), retraction(kit, notices, fact)]);

  return { box, load };
}
