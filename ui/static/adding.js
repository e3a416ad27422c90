// The drop zone: files and folders are sent to the service one after the other in one request, and
// what it tells of each is shown: how far the sending is, the stage, the outcome and its reason.
import { button, libraryPath, make } from "./parts.js";

const MARKS = { indexed: "✓", indexed_partial: "!", unchanged: "=", empty: "○", failed: "✕" };
const ORDER = ["failed", "empty", "indexed_partial", "indexed", "unchanged"];

export function dropZone(say, language, added) {
  const pick = (attributes) => {
    const input = make("input", "kg-hidden", undefined, { type: "file", multiple: true, tabindex: -1, "aria-hidden": "true", ...attributes });
    input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
    return input;
  };
  const files = pick({ id: "kg-files" });
  const folder = pick({ id: "kg-folder", webkitdirectory: true });
  const zone = make("div", "kg-drop", [
    make("span", "", say("documents.drop")), files, folder,
    make("span", "kg-drop-choices", [
      button("kg-link-button", say("documents.files"), () => files.click()),
      button("kg-link-button", say("documents.folder"), () => folder.click())])], { id: "kg-drop" });
  const status = make("div", "kg-status", undefined, { id: "kg-status", "aria-live": "polite" });
  const box = make("div", "kg-adding", [zone, status]);

  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("kg-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("kg-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("kg-over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    add(entries.length ? (await Promise.all(entries.map(filesOf))).flat() : [...event.dataTransfer.files]);
  });

  function progress(text, detail, done, total) {
    const bar = make("progress", "", undefined, { max: Math.max(total, 1), value: done });
    return make("div", "kg-progress", [
      make("div", "kg-progress-line", [make("span", "", [text, " ", make("bdi", "", detail)]),
        make("span", "", total ? say("adding.of", { done, total }) : "")]), bar], { role: "status" });
  }

  async function add(chosen) {
    const sent = chosen.filter((file) => !file.name.startsWith("."));
    if (!sent.length) return;
    const form = new FormData();
    for (const file of sent) form.append("files", file, file.name);
    zone.classList.add("kg-busy");
    const what = say("count.files", { n: sent.length });
    status.replaceChildren(progress(say("documents.sending", { n: what }), "", 0, 0));
    try {
      const report = await send(form, {
        sending: (share) => status.replaceChildren(progress(say("documents.sending", { n: what }), `${Math.round(100 * share)} %`, Math.round(1000 * share), 1000)),
        progress: (step) => status.replaceChildren(progress(say(`adding.${step.stage === "done" ? "storing" : step.stage}`), step.name, step.done, step.total)),
      });
      status.replaceChildren(outcomes(report.files));
    } catch (error) {
      status.replaceChildren(make("p", "kg-notice", error.message || say("adding.broke"), { role: "alert" }));
    } finally {
      zone.classList.remove("kg-busy");
      added();
    }
  }

  // fetch tells nothing of how far a body was sent: XMLHttpRequest does, and its text grows.
  function send(form, { sending, progress: tell }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let read = 0;
      let report = null;
      let fault = null;
      const listen = () => {
        const text = request.responseText;
        for (let end = text.indexOf("\n\n", read); end >= 0; end = text.indexOf("\n\n", read)) {
          const block = text.slice(read, end);
          read = end + 2;
          const name = /^event: ?(.*)$/m.exec(block)?.[1];
          const data = /^data: ?(.*)$/m.exec(block)?.[1];
          if (!data) continue;
          const told = JSON.parse(data);
          if (name === "progress") tell(told);
          if (name === "report") report = told;
          if (name === "error") fault = told;
        }
      };
      request.upload.addEventListener("progress", (event) => event.lengthComputable && sending(event.loaded / event.total));
      request.addEventListener("progress", listen);
      request.addEventListener("error", () => reject(new Error(say("error.network"))));
      request.addEventListener("load", () => {
        if (request.status >= 400) {
          let words = "";
          try { words = JSON.parse(request.responseText).error.message; } catch { /* no JSON: said in our own words */ }
          return reject(new Error(words || say("adding.broke")));
        }
        listen();
        if (report) resolve(report);
        else reject(new Error(fault?.message ?? say("adding.broke")));
      });
      request.open("POST", libraryPath("/documents"));
      request.setRequestHeader("Accept", "text/event-stream");
      request.send(form);
    });
  }

  function outcomes(told) {
    const close = button("kg-close", "×", () => status.replaceChildren(), { "aria-label": say("dismiss") });
    const rows = told.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome)).map((file) => {
      const name = file.path.split(/[\\/]/).at(-1);
      return make("li", `kg-was-${file.outcome}`, [
        make("span", "kg-mark", MARKS[file.outcome]),
        make("span", "", [make("bdi", "kg-name", name), make("span", "kg-why", became(file, name))])]);
    });
    return make("ul", "kg-outcomes", [close, ...rows]);
  }

  function became(file, name) {
    const counts = { passages: say("count.passages", { n: file.passages }), facts: say("count.facts", { n: file.triplets }) };
    const reason = plain(file.reason ?? "", name);
    if (file.outcome === "indexed") return say("outcome.indexed", counts);
    if (file.outcome === "indexed_partial") return `${say("outcome.partly", counts)} ${reason}`;
    return reason || say(`outcome.${file.outcome}`);
  }

  // The reason without what stands before it: a code ("encrypted: "), the file's name.
  function plain(reason, name) {
    const [, before, sentence] = /^([^:]*): ([^]*)$/.exec(reason) ?? [];
    if (/^[a-z_]+$/.test(before ?? "")) return sentence;
    return before === name ? sentence[0].toUpperCase() + sentence.slice(1) : reason;
  }

  return box;
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  // A reader gives a hundred at a time, until it gives none.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}
