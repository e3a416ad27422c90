// The questions of a set in a table: corrected and dropped a page at a time, then saved at once.
import { isOwn, setName } from "./evaluate_sets.js";
import { button, make } from "./parts.js";

const PAGE = 50;
const BETWEEN = " | "; // any of several answers is right

export function questionEditor(kit, set, { saved, back }) {
  const { say } = kit;
  const canChange = isOwn(set);
  const changed = new Map();
  const dropped = new Set();
  let state = "";
  let offset = 0;
  let total = 0;

  const name = make("input", "kg-input kg-eval-name", undefined, { type: "text", maxlength: 80, "aria-label": say("evaluate.set_name"), readonly: !canChange });
  name.value = setName(say, set);
  const count = make("span", "kg-about", undefined, { role: "status" });
  const before = button("kg-button kg-small", say("evaluate.before"), () => go(-PAGE));
  const after = button("kg-button kg-small", say("common.next"), () => go(PAGE));
  const save = button("kg-button kg-main", say("evaluate.save"), () => kit.run(frame, send), { disabled: true });
  const rows = make("ol", "kg-eval-questions");
  const frame = make("div", "kg-eval-scroll", rows);
  const box = make("section", "kg-eval-opened", [
    make("header", "kg-bar", [button("kg-button kg-small", `‹ ${say("evaluate.back")}`, back), name, canChange ? save : null]),
    make("p", "kg-about", say(set.kind === "drafted" ? "evaluate.draft_about" : canChange ? "evaluate.own_about" : "evaluate.fixed_about")),
    frame, make("div", "kg-bar kg-table-foot", [before, count, after])]);
  name.addEventListener("input", paintSave);
  load();

  function load() {
    return kit.run(frame, async () => {
      const told = await kit.ask("questions", `/evaluation/sets/${set.id}`, { query: { limit: PAGE, offset } });
      ({ state, total } = told);
      rows.replaceChildren(...told.questions.map(row));
      frame.scrollTop = 0;
      count.textContent = say("evaluate.shown", { first: total ? offset + 1 : 0, last: offset + told.questions.length, n: total });
      before.disabled = offset === 0;
      after.disabled = offset + told.questions.length >= total;
      before.hidden = after.hidden = total <= PAGE;
    });
  }

  function go(step) {
    offset = Math.max(offset + step, 0);
    return load();
  }

  function row(held) {
    const own = changed.get(held.at) ?? held;
    const text = field(own.question, say("evaluate.question"));
    const answers = field(answersOf(own).join(BETWEEN), say("evaluate.answers"));
    answers.placeholder = say(held.answerable === false ? "evaluate.should_decline" : "evaluate.no_answer");
    const edited = () => {
      changed.set(held.at, { at: held.at, question: text.value.trim() || held.question,
        answers: answers.value.split("|").map((part) => part.trim()).filter(Boolean) });
      paintSave();
    };
    for (const input of [text, answers]) input.addEventListener("input", edited);
    const drop = button("kg-icon kg-eval-drop", "×", () => {
      if (!dropped.delete(held.at)) dropped.add(held.at);
      paint();
      paintSave();
    });
    const item = make("li", "", [make("div", "kg-eval-fields", [text, answers, ...(held.evidence ?? []).map(source)]), canChange ? drop : null]);
    const paint = () => {
      const isGone = dropped.has(held.at);
      item.classList.toggle("kg-eval-dropped", isGone);
      drop.textContent = isGone ? "↩" : "×";
      const words = say(isGone ? "evaluate.keep_question" : "evaluate.drop_question");
      drop.title = words;
      drop.setAttribute("aria-label", `${words}: ${held.question}`);
      text.disabled = answers.disabled = isGone;
    };
    paint();
    return item;
  }

  function field(value, label) {
    const input = make("textarea", "kg-input", undefined, { rows: 1, "aria-label": label, maxlength: 2000, readonly: !canChange });
    input.value = value;
    return input;
  }

  const source = (piece) => make("p", "kg-eval-source", [
    make("bdi", "", piece.document), piece.page ? `, ${say("common.page", { n: piece.page })}` : null,
    piece.quote ? make("q", "", piece.quote) : null]);

  function paintSave() {
    save.disabled = !changed.size && !dropped.size && name.value.trim() === set.name;
  }

  async function send() {
    save.disabled = true;
    try {
      await kit.ask("correct", `/evaluation/sets/${set.id}`, { method: "PUT", body: {
        state, changed: [...changed.values()].filter(({ at }) => !dropped.has(at)), dropped: [...dropped],
        name: name.value.trim() || undefined } });
      saved();
    } finally {
      paintSave();
    }
  }

  return box;
}

const answersOf = (held) => held.answers ?? (held.answer ? [held.answer] : []);
