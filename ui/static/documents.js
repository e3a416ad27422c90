// The left column: documents (adding with progress, searching, opening, removing), and
// conversations that are kept. It speaks REST; Python hears what is opened (click), resumed (select)
// and that documents came or went (edit).
import { api, button, emit, later, libraryPath, make, openInRead, ServerError, speaker } from "./parts.js";
import { loadWords } from "./page_words.js";
import { dropZone } from "./adding.js";

export async function mount({ element, trigger, language }) {
  const say = speaker(await loadWords(language), language);
  const own = element.querySelector(".kg-own");
  const tab = (name) => button("kg-side-tab", say(name), () => open(name), { role: "tab", "data-side": name });
  const tabs = make("div", "kg-side-tabs", [tab("documents"), tab("conversations")], { role: "tablist" });
  const list = make("div", "kg-list kg-scroll");
  const search = make("input", "kg-input", undefined, {
    type: "search", placeholder: say("documents.search"), "aria-label": say("documents.search"), hidden: true });
  const count = make("p", "kg-count");
  const changed = () => { trigger("edit"); emit("changed"); };
  const adding = dropZone(say, language, () => { changed(); refresh(); });
  const documents = make("div", "kg-side", [adding, search, count, list], { role: "tabpanel" });
  const kept = make("div", "kg-side kg-list kg-scroll", undefined, { role: "tabpanel" });
  own.append(tabs, documents, kept);
  let known = [];
  let turn = 0;

  function open(name) {
    documents.hidden = name !== "documents";
    kept.hidden = name === "documents";
    for (const one of tabs.children) one.setAttribute("aria-selected", String(one.dataset.side === name));
    refresh();
  }

  async function refresh() {
    const asked = (turn += 1);
    const path = kept.hidden ? "/documents" : "/conversations";
    try {
      const answer = await api(libraryPath(path));
      if (asked !== turn) return;
      if (kept.hidden) known = answer;
      kept.hidden ? draw() : kept.replaceChildren(...conversations(answer));
    } catch (error) {
      const words = error instanceof ServerError && error.status ? error.message : say("error.network");
      (kept.hidden ? list : kept).replaceChildren(make("p", "kg-notice", words, { role: "alert" }), button("kg-button", say("retry"), refresh));
    }
  }

  function draw() {
    search.hidden = known.length < 8;
    const wanted = search.hidden ? "" : search.value.trim().toLowerCase();
    const found = known.filter((item) => item.name.toLowerCase().includes(wanted));
    const facts = known.reduce((sum, item) => sum + item.triplets, 0);
    count.textContent = known.length
      ? `${say("count.documents", { n: known.length })}, ${say("count.facts", { n: facts })}` : say("documents.none");
    // A list of thousands is cut: one types what one looks for.
    const rows = found.slice(0, 500).map(row);
    if (known.length && !found.length) rows.push(make("p", "kg-empty", say("documents.no_match")));
    list.replaceChildren(...rows);
  }

  function about(item) {
    const parts = [["en", "ru"].includes(item.language) ? say(`language.${item.language}`) : item.language];
    if (item.pages) parts.push(say("count.pages", { n: item.pages }));
    parts.push(say("count.facts", { n: item.triplets }));
    if (item.outcome === "indexed_partial") parts.push(say("document.partly"));
    if (item.outcome === "empty") parts.push(say("document.empty"));
    return parts.join(" · ");
  }

  function row(item) {
    const title = button("kg-open", make("bdi", "", item.name), () => {
      trigger("click", { open: item.id });
      showSource();
    }, { title: item.name });
    const read = button("kg-icon", "¶", () => openInRead({ document_id: item.id }), {
      title: say("document.read"), "aria-label": say("document.read") });
    const original = make("a", "kg-icon", "↓", {
      href: libraryPath(`/documents/${encodeURIComponent(item.id)}/original`), download: "",
      title: say("document.original"), "aria-label": say("document.original") });
    return confirmed(make("div", "kg-row"), [title, make("span", "kg-about", about(item))], [read, original], {
      label: say("document.remove.named", { name: item.name }), sure: say("document.remove.sure"),
      yes: say("document.remove"), no: say("document.keep"),
      act: async () => {
        await api(libraryPath(`/documents/${encodeURIComponent(item.id)}`), { method: "DELETE" });
        changed();
        refresh();
      },
    });
  }

  function conversations(items) {
    if (!items.length) return [make("p", "kg-empty", say("conversations.none"))];
    return items.map((item) => {
      const title = button("kg-open", make("bdi", "", item.title), () => trigger("select", { conversation: item.id }), { title: item.title });
      const when = new Date(item.changed).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
      const told = make("span", "kg-about", `${say("count.questions", { n: item.turns })} · ${when}`);
      return confirmed(make("div", "kg-row"), [title, told], [], {
        label: say("conversation.remove.named", { name: item.title }), sure: say("conversation.remove.sure"),
        yes: say("conversation.remove"), no: say("conversation.keep"),
        act: async () => {
          await api(libraryPath(`/conversations/${item.id}`), { method: "DELETE" });
          refresh();
        },
      });
    });
  }

  // A row whose removal needs a second click.
  function confirmed(node, lines, tools, { label, sure, yes, no, act }) {
    const fault = make("p", "kg-notice", "", { role: "alert", hidden: true });
    const question = make("div", "kg-confirm", [
      make("span", "", sure),
      button("kg-yes", yes, async () => {
        try {
          await act();
        } catch (error) {
          fault.textContent = error.message || say("error.network");
          fault.hidden = false;
          node.classList.remove("kg-asking");
        }
      }),
      button("kg-no", no, () => node.classList.remove("kg-asking"))]);
    const ask = button("kg-icon kg-ask-remove", "×", () => node.classList.add("kg-asking"), { "aria-label": label, title: yes });
    node.append(make("div", "kg-row-text", [...lines, question, fault]), make("div", "kg-row-tools", [...tools, ask]));
    return node;
  }

  function showSource() {
    // On a narrow window the source lies below the conversation.
    if (window.innerWidth < 1080) document.querySelector("#kg-right")?.scrollIntoView({ behavior: "smooth" });
  }

  search.addEventListener("input", later(draw, 100));
  window.addEventListener("kgrag:library", () => { known = []; search.value = ""; refresh(); });
  window.addEventListener("kgrag:changed", refresh);
  // A conversation is kept with its first answer.
  new MutationObserver(() => kept.hidden || refresh()).observe(
    document.querySelector("#kg-chat"), { childList: true, subtree: true });
  open("documents");
}
