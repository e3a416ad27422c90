// The windows of a document that are on the page: one after the other without a gap, a few at most.
// Scrolling near either end brings the next one; the farthest goes, and what is read stays in place.
import { clip, windowElement } from "./read_text.js";

const AHEAD_PX = 1600;
const REACH = 14_000; // code points: the middle of the next window lies so far beyond the edge
const MOST_WINDOWS = 6;

export function readWindows({ scroll, body, fetchWindow, pageWords, changed, failed }) {
  let windows = []; // {start, end, element, answer} in order of the text
  let sought = { start: 0, end: 0 };
  let document_ = null;
  let busy = false;
  let turn = 0;

  const first = () => windows[0]?.start ?? 0;
  const last = () => windows.at(-1)?.end ?? 0;

  async function open(id, start, end) {
    turn += 1;
    const mine = turn;
    busy = true;
    try {
      const answer = await fetchWindow(id, start, end);
      if (mine !== turn) return;
      for (const one of windows) one.element.remove();
      windows = [];
      sought = { start, end };
      document_ = answer.document;
      add(answer, "after");
      changed();
      const mark = body.querySelector("mark.kg-sought");
      scroll.scrollTop = 0;
      if (mark) toView(mark);
      else if (start > first()) goTo(start);
    } finally {
      if (mine === turn) busy = false;
    }
    fill();
  }

  function add(answer, where) {
    if (!answer || answer.start >= answer.end) return;
    const one = { start: answer.start, end: answer.end, answer, element: windowElement(answer, sought, pageWords) };
    if (where === "after") {
      (windows.at(-1)?.element ?? body.firstElementChild).after(one.element);
      windows.push(one);
      if (windows.length > MOST_WINDOWS) keepPlace(() => windows.shift().element.remove());
    } else {
      keepPlace(() => windows[0].element.before(one.element));
      windows.unshift(one);
      if (windows.length > MOST_WINDOWS) windows.pop().element.remove();
    }
  }

  // The scrolled position follows what changes above it.
  function keepPlace(change) {
    const before = body.scrollHeight;
    change();
    scroll.scrollTop += body.scrollHeight - before;
  }

  async function fill() {
    if (busy || !document_) return;
    const isBelow = last() < document_.characters && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AHEAD_PX;
    const isAbove = first() > 0 && scroll.scrollTop < AHEAD_PX;
    if (!isBelow && !isAbove) return;
    const mine = turn;
    busy = true;
    try {
      const answer = await (isBelow ? below() : above());
      if (mine !== turn) return;
      add(answer, isBelow ? "after" : "before");
      changed();
      if (!answer) return;
    } catch (error) {
      if (mine === turn) failed(error, fill);
      return;
    } finally {
      if (mine === turn) busy = false;
    }
    fill();
  }

  async function below() {
    const edge = last();
    const ask = (at) => fetchWindow(document_.id, Math.min(at, document_.characters - 1));
    const far = await ask(edge + REACH);
    return clip(far.start <= edge ? far : await ask(edge), edge, document_.characters);
  }

  async function above() {
    const edge = first();
    const ask = (at) => fetchWindow(document_.id, Math.max(at, 0));
    const far = await ask(edge - REACH);
    return clip(far.end >= edge ? far : await ask(edge - 1), 0, edge);
  }

  function toView(node) {
    const offset = node.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
    scroll.scrollTop += offset - scroll.clientHeight / 3;
  }

  // Brings an offset into view that lies in a window on the page.
  function goTo(offset) {
    const heads = [...body.querySelectorAll(".kg-pagebreak, .kg-mention")];
    const at = (node) => Number(node.dataset.start ?? document_.pages.find(({ number }) => number === Number(node.dataset.number))?.start);
    const near = heads.filter((node) => at(node) <= offset).at(-1);
    if (near) toView(near);
  }

  scroll.addEventListener("scroll", () => requestAnimationFrame(fill), { passive: true });
  return {
    open, fill,
    document: () => document_,
    holds: (offset) => windows.length > 0 && offset >= first() && offset < last(),
    goTo,
    facts: () => windows.flatMap(({ answer }) => answer.facts),
    mentions: () => windows.flatMap(({ answer }) => answer.mentions),
    first,
    clear() {
      turn += 1;
      for (const one of windows) one.element.remove();
      windows = [];
      document_ = null;
      busy = false;
    },
  };
}
