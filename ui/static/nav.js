// The head of the page: which view is shown, which library is chosen, and what is done to
// libraries. The views learn of it by `document.body.dataset` and the events kgrag:view,
// kgrag:library, kgrag:read and kgrag:explore.
import { api, button, emit, make, speaker } from "./parts.js";
import { loadWords } from "./page_words.js";

const VIEWS = ["chat", "explore", "read", "facts", "evaluate", "settings"];
const REMEMBERED = "kgrag.library";

export async function mount({ element, trigger, watch, language }) {
  const say = speaker(await loadWords(language), language);
  let shown = null;

  function show(view) {
    if (!VIEWS.includes(view)) return;
    document.body.dataset.view = view;
    for (const one of VIEWS) document.getElementById(`kg-view-${one}`)?.classList.toggle("kg-shown", one === view);
    for (const tab of element.querySelectorAll("[data-view]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.view === view));
      tab.tabIndex = tab.dataset.view === view ? 0 : -1;
    }
    if (view === shown) return;
    shown = view;
    const own = element.querySelector(`[data-view="${view}"]`); // in a narrow window, the row scrolls
    own?.parentElement.scrollTo({ left: own.offsetLeft + own.offsetWidth / 2 - own.parentElement.offsetLeft - own.parentElement.clientWidth / 2 });
    if (location.hash.slice(1) !== view) history.replaceState(null, "", `#${view}`);
    emit("view", { view });
  }

  // The head came anew from Python: another library may have been chosen.
  function update() {
    const head = element.querySelector(".kg-header");
    if (!head) return;
    const last = document.body.dataset.library;
    document.body.dataset.library = head.dataset.library;
    show(shown ?? (location.hash.slice(1) || "chat"));
    if (last === head.dataset.library) return;
    const wanted = localStorage.getItem(REMEMBERED);
    const options = [...element.querySelectorAll("option")].map((option) => option.value);
    if (last === undefined && wanted && wanted !== head.dataset.library && options.includes(wanted)) {
      return trigger("select", { library: wanted });
    }
    localStorage.setItem(REMEMBERED, head.dataset.library);
    emit("library", { library: head.dataset.library });
  }

  const choose = (library) => trigger("select", { library });

  function manage() {
    const chosen = element.querySelector("option:checked");
    const dialog = make("dialog", "kg-dialog", undefined, { "aria-label": say("library.manage") });
    const close = () => { dialog.close(); dialog.remove(); };
    const fault = make("p", "kg-notice", "", { role: "alert", hidden: true });
    const act = (task) => async (event) => {
      event?.preventDefault();
      try {
        await task();
        close();
      } catch (error) {
        fault.hidden = false;
        fault.textContent = error.message || say("error.network");
      }
    };
    const path = `/api/libraries/${encodeURIComponent(chosen.value)}`;
    const named = (label, value, task) => {
      const input = make("input", "kg-input", undefined, { value, maxlength: 80, required: true, "aria-label": say("library.name") });
      const form = make("form", "kg-dialog-line", [input, make("button", "kg-button", label, { type: "submit" })]);
      form.addEventListener("submit", act(() => task(input.value)));
      return form;
    };
    const rename = named(say("library.rename"), chosen.textContent, async (name) => {
      await api(path, { method: "PATCH", body: { name } });
      choose(chosen.value);
    });
    const create = named(say("library.new"), "", async (name) => {
      choose((await api("/api/libraries", { method: "POST", body: { name } })).id);
    });
    const sure = make("div", "kg-dialog-sure", [
      make("p", "", say("library.delete.sure", { name: chosen.textContent })),
      button("kg-button kg-danger", say("library.delete"), act(async () => {
        await api(path, { method: "DELETE" });
        choose("main");
      }))], { hidden: true });
    const ask = button("kg-link-button kg-danger", say("library.delete"), () => { sure.hidden = false; ask.hidden = true; });
    dialog.append(make("h2", "", say("library.manage")), create, rename,
      ...(chosen.value === "main" ? [] : [ask, sure]), fault,
      button("kg-button", say("close"), close));
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    create.querySelector("input").focus();
  }

  element.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-view]");
    if (tab) show(tab.dataset.view);
    if (event.target.closest(".kg-manage")) manage();
  });
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches("[data-view]")) return;
    show(VIEWS[(VIEWS.indexOf(shown) + step + VIEWS.length) % VIEWS.length]);
    element.querySelector('[data-view][aria-selected="true"]').focus();
  });
  element.addEventListener("change", (event) => {
    if (event.target.matches("select")) choose(event.target.value);
  });
  window.addEventListener("kgrag:read", () => show("read"));
  window.addEventListener("kgrag:explore", () => show("explore"));
  window.addEventListener("kgrag:model", () => trigger("edit")); // the head names the model
  window.addEventListener("hashchange", () => show(location.hash.slice(1)));
  watch("value", () => requestAnimationFrame(update));
  update();
}
