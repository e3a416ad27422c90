// A fact with the sentences that state it, each opening in the reading view at its place; and the
// corrections, each confirmed in words before and undone from a notice after.
import { confirmation, undoNotice } from "./controls.js";
import { button, emit, make, openInRead } from "./parts.js";

export function quotation(item, say) {
  const head = make("span", "kg-card-head", [
    make("bdi", "kg-name", item.document),
    item.page === null || item.page === undefined ? null : make("span", "kg-page", say("common.page", { n: item.page })),
  ]);
  return button("kg-card", [head, make("q", "kg-quote", item.quote)], () => openInRead(item), {
    title: say("common.open_there") });
}

export const factWords = (fact) =>
  ({ subject: fact.subject.name, relation: fact.relation.label, object: fact.object.name });

export function factLine(fact, choose) {
  const end = (entity) => choose
    ? button("kg-plain kg-name", make("bdi", "", entity.name), () => choose(entity))
    : make("bdi", "kg-name", entity.name);
  return make("p", "kg-fact-line", [
    end(fact.subject), make("span", "kg-relation", fact.relation.label), end(fact.object)]);
}

// Makes a correction; tells every view; offers to undo it.
export async function correct(kit, host, correction, done) {
  const made = await kit.ask(`correct ${JSON.stringify(correction)}`, "/corrections", { method: "POST", body: correction });
  undoNotice(host, kit, done, () => undoCorrection(kit, made.id));
  emit("changed");
  return made;
}

export async function undoCorrection(kit, id) {
  await kit.ask(`undo ${id}`, `/corrections/${encodeURIComponent(id)}`, { method: "DELETE" });
  emit("changed");
}

// "Retract", and the question before it. `host` holds the notice afterwards.
export function retraction(kit, host, fact) {
  const { say } = kit;
  const box = make("div", "kg-retraction");
  const begin = button("kg-button kg-small", say("fact.retract"), () => {
    box.replaceChildren(confirmation(kit, {
      words: say("fact.retract_question", factWords(fact)),
      yes: say("fact.retract"),
      no: () => { box.replaceChildren(begin); begin.focus(); },
      act: () => correct(kit, host, {
        kind: "retract", subject: fact.subject.id, relation: fact.relation.id, object: fact.object.id,
      }, say("fact.retracted", factWords(fact))),
    }));
  });
  box.append(begin);
  return box;
}

// All sentences that state a fact: those at hand at once, the others when asked for.
export function sentencesOf(kit, fact) {
  const { say } = kit;
  const box = make("div", "kg-sentences", fact.evidence.map((item) => quotation(item, say)));
  const left = (fact.evidence_count ?? fact.evidence.length) - fact.evidence.length;
  if (left > 0) {
    const more = button("kg-button kg-small", say("fact.more_sentences", { n: left }), () => kit.run(box, async () => {
      const whole = await wholeFact(kit, fact.subject.id, fact.relation.id, fact.object.id);
      box.replaceChildren(...whole.evidence.map((item) => quotation(item, say)));
      const unsent = whole.evidence_count - whole.evidence.length;
      if (unsent > 0) box.append(make("p", "kg-empty", say("fact.unsent_sentences", { n: unsent })));
    }));
    box.append(more);
  }
  return box;
}

export const wholeFact = (kit, subject, relation, object) =>
  kit.ask(`fact ${subject} ${relation} ${object}`, "/graph/fact", { query: { subject, relation, object } });
