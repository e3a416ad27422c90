// The reading view: a document with its mentions coloured by type, what they stand for, the facts
// that join them, and for a PDF the page as an image beside the text.
import { button, dot, emit, groupColour, GROUPS, later, libraryPath, make, viewKit } from "./parts.js";
import { mentionCard } from "./read_card.js";
import { pageImage, pageTurner } from "./read_pages.js";
import { readWindows } from "./read_windows.js";

const LISTED = 200;

export function mount(element, options) {
  const root = make("div", "kg-client kg-read");
  const kit = viewKit("read", options, { load: (why) => reload(why), hidden: () => card.hide() });
  const { say } = kit;
  element.replaceChildren(root);

  const filter = make("input", "kg-input", undefined, { type: "search", placeholder: say("read.search"), "aria-label": say("read.search") });
  const list = make("div", "kg-read-list");
  const isWide = window.matchMedia("(min-width: 1080px)");
  const drawer = make("details", "kg-drawer", [make("summary", "kg-button", say("read.documents")), make("div", "kg-filter-place", [filter, list])], { open: true });

  const title = make("h3", "kg-read-title");
  const original = make("a", "kg-button kg-small", say("read.original"), { hidden: true, download: true });
  const turner = pageTurner(kit, turnTo);
  const legend = make("div", "kg-legend", undefined, { role: "group", "aria-label": say("read.legend") });
  const head = make("header", "kg-bar kg-read-head", [title, turner.box, original]);
  const body = make("div", "kg-read-body", make("div", "kg-read-top"));
  const scroll = make("div", "kg-read-scroll", body, { tabindex: 0, "aria-label": say("read.text") });
  const empty = make("div", "kg-empty kg-read-empty", say("read.choose"));
  const trouble = make("div", "");
  const main = make("section", "kg-read-main", [head, legend, trouble, empty, scroll]);
  const image = pageImage(kit);
  root.append(drawer, main, image.box);

  let target = null; // {document, start, end, entity} that is to be shown
  let current = null; // the same, of what is shown
  const off = new Set();
  let isFull = false;

  const windows = readWindows({
    scroll, body, changed, pageWords: (number) => say("read.page", { number }),
    fetchWindow: (id, start, end = start) => kit.ask(end === start && current?.document === id && isFull ? "more" : "reading",
      `/documents/${encodeURIComponent(id)}/reading`, { query: { start, end } }),
    failed: (error, retry) => kit.run(trouble, async () => { if (error) { const once = error; error = null; throw once; } trouble.replaceChildren(); retry(); }) });
  const card = mentionCard(kit, { body, scroll });
  body.append(card.overlay, card.card);
  body.kgFacts = windows.facts;

  async function reload(why) {
    if (why === "library") {
      target = target ?? null;
      clear();
      drawer.open = true;
    }
    await listDocuments();
    if (target) show(target);
    else if (current && why === "changed") show(current);
  }

  const listDocuments = () => kit.run(list, async () => {
    const all = await kit.ask("documents", "/documents", { query: { query: filter.value.trim() } });
    const wanted = filter.value.trim().toLocaleLowerCase();
    const found = all.filter((item) => item.name.toLocaleLowerCase().includes(wanted));
    const rows = found.slice(0, LISTED).map(documentRow);
    if (found.length > LISTED) rows.push(make("p", "kg-empty", say("common.more", { n: found.length - LISTED })));
    if (!found.length) rows.push(make("p", "kg-empty", say(wanted ? "common.nothing" : "read.no_documents")));
    list.replaceChildren(...rows);
  });
  const documentRow = (item) => {
    const about = [item.pages ? say("read.pages", { n: item.pages }) : null, say("read.facts", { n: item.triplets })].filter(Boolean).join(" · ");
    return button("kg-document-row", [make("bdi", "kg-name", item.name), make("span", "kg-about", about)],
      () => show({ document: item.id, start: 0, end: 0 }), { "data-document": item.id, "aria-current": current?.document === item.id ? "true" : null });
  };

  function show(next) {
    target = null;
    current = { ...next };
    isFull = false;
    empty.hidden = true;
    card.hide();
    if (!isWide.matches) drawer.open = false;
    for (const row of list.querySelectorAll("[data-document]")) {
      if (row.dataset.document === next.document) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    return kit.run(main, async () => {
      try {
        await windows.open(next.document, next.start ?? 0, next.end ?? next.start ?? 0);
      } catch (error) {
        windows.clear();
        clearHead();
        throw error;
      }
      isFull = true;
      const open = windows.document();
      title.replaceChildren(make("bdi", "kg-name", open.name));
      original.hidden = false;
      original.href = libraryPath(`/documents/${encodeURIComponent(open.id)}/original`);
      if (next.entity) body.querySelector(`.kg-mention[data-entity="${CSS.escape(next.entity)}"]`)?.scrollIntoView({ block: "center" });
      paintPage();
    });
  }

  function clearHead() {
    title.replaceChildren();
    original.hidden = true;
    turner.box.hidden = true;
    legend.replaceChildren();
    image.hide();
  }

  function clear() {
    current = null;
    windows.clear();
    clearHead();
    empty.hidden = false;
  }

  function changed() {
    card.hide();
    const kinds = new Map();
    let references = 0;
    for (const mention of windows.mentions()) {
      const known = kinds.get(mention.type) ?? { ...mention, count: 0 };
      kinds.set(mention.type, { ...known, count: known.count + 1 });
      references += mention.is_name ? 0 : 1;
    }
    const sorted = [...kinds.values()].sort((one, two) =>
      GROUPS.indexOf(one.group) - GROUPS.indexOf(two.group) || two.count - one.count);
    legend.replaceChildren(
      ...sorted.map((kind) => chip(kind.type, kind.type_label, dot(groupColour(kind.group)), kind.count)),
      ...(references ? [chip("", say("read.references"), make("i", "kg-dotted", undefined, { "aria-hidden": "true" }), references)] : []));
    paintTypes();
  }

  const chip = (key, label, mark, count) => {
    const node = button("kg-legend-button", [mark, make("span", "", label), make("span", "kg-about", say.number(count))], () => {
      if (off.has(key)) off.delete(key);
      else off.add(key);
      node.setAttribute("aria-pressed", String(!off.has(key)));
      paintTypes();
    }, { "aria-pressed": String(!off.has(key)) });
    return node;
  };

  function paintTypes() {
    for (const node of body.querySelectorAll(".kg-mention")) {
      const isOff = off.has(node.dataset.type) || (off.has("") && !node.kgMention.is_name);
      node.classList.toggle("kg-off", isOff);
    }
    const all = mentions();
    if (!all.some((node) => node.tabIndex === 0) && all.length) all[0].tabIndex = 0;
  }

  // The page that is being read: the last one whose head has gone by.
  function paintPage() {
    const open = windows.document();
    if (!open || !current) return;
    const top = scroll.getBoundingClientRect().top + scroll.clientHeight / 3;
    const head = [...body.querySelectorAll(".kg-pagebreak")].filter((node) => node.getBoundingClientRect().top <= top).at(-1);
    const page = head ? open.pages.find(({ number }) => number === Number(head.dataset.number))
      : open.pages.filter(({ start }) => start <= windows.first()).at(-1) ?? open.pages[0];
    turner.show(page?.number, open.pages);
    if (page && open.media_type === "application/pdf") {
      image.show({ document: open.id, name: open.name, page, sought: { start: current.start ?? 0, end: current.end ?? 0 } });
    } else image.hide();
  }

  function turnTo(number) {
    const open = windows.document();
    const page = open?.pages[Math.min(Math.max(Math.round(number) || 1, 1), open.pages.length) - 1];
    if (!page) return;
    if (windows.holds(page.start)) {
      body.querySelector(`.kg-pagebreak[data-number="${page.number}"]`)?.scrollIntoView({ block: "start" });
      paintPage();
    } else show({ document: open.id, start: page.start, end: page.start });
  }

  const mentions = () => [...body.querySelectorAll(".kg-mention:not(.kg-off, [data-continued])")];
  const enter = (node) => emit("explore", { entity: node.dataset.entity });
  body.addEventListener("click", (event) => {
    const node = event.target.closest(".kg-mention:not(.kg-off)");
    if (!node) return;
    if (event.pointerType === "touch") card.show(node);
    else enter(node);
  });
  body.addEventListener("keydown", (event) => {
    const node = event.target.closest(".kg-mention");
    if (!node) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") enter(node);
    else if (step) {
      const all = mentions();
      const next = all[all.indexOf(node) + step];
      if (!next) return;
      node.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else return;
    event.preventDefault();
  });
  scroll.addEventListener("scroll", later(paintPage, 60), { passive: true });
  filter.addEventListener("input", later(listDocuments));
  window.addEventListener("kgrag:read", ({ detail }) => {
    target = detail;
    if (kit.isShown()) show(target);
  });
  window.addEventListener("kgrag:view", () => {
    if (kit.isShown() && target && list.childElementCount) show(target);
    windows.fill();
  });
  kit.begin();
}
