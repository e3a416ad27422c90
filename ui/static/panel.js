// Runs once for the conversation and the source (js_on_load): sends clicks to Python, and brings what
// was added into view. All content is inert markup; what was clicked is read from data attributes.
const sent = {
  cite: ({ cite }) => ({ cite }),
  passage: ({ passage }) => ({ passage }),
  open: ({ open, start }) => ({ open, start: start ? Number(start) : 0 }),
};

function showSource() {
  // On a narrow window the source lies below the conversation.
  const panel = document.querySelector("#kg-right");
  if (panel && window.innerWidth < 1080) panel.scrollIntoView({ behavior: "smooth" });
}

function activate(button) {
  for (const old of document.querySelectorAll(".kg-active")) old.classList.remove("kg-active");
  const { cite, passage } = button.dataset;
  const same = cite ? `[data-cite="${cite}"]` : passage ? `[data-passage="${passage}"]` : null;
  if (same) for (const one of document.querySelectorAll(same)) one.classList.add("kg-active");
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || !element.contains(button)) return;
  if (button.dataset.read) {
    const { read, start, end } = button.dataset;
    const detail = { document: read, start: Number(start), end: Number(end) };
    return window.dispatchEvent(new CustomEvent("kgrag:read", { detail }));
  }
  if (button.dataset.question) return trigger("select", { question: button.dataset.question });
  for (const [name, read] of Object.entries(sent)) {
    if (button.dataset[name] === undefined) continue;
    activate(button);
    trigger("click", read(button.dataset));
    showSource();
    return;
  }
});

watch("value", () => {
  requestAnimationFrame(() => {
    const mark = element.querySelector("mark");
    const box = element.parentElement.closest(".kg-scroll") ?? element;
    if (mark) {
      const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += offset - box.clientHeight / 3;
    } else if (element.querySelector(".kg-text")) {
      box.scrollTop = 0;
    } else if (element.querySelector(".kg-turn")) {
      const turn = [...element.querySelectorAll(".kg-turn")].at(-1);
      // Python shows the first citation of a new answer by itself.
      const first = turn.querySelector("[data-cite]");
      if (first && !element.querySelector(".kg-active")) activate(first);
      const rise = turn.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += rise - 12;
    }
  });
});
