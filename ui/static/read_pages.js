// The page of a PDF as an image beside its text: the one that is being read, with what was sought
// marked in it. Pages are asked for only where the image can be seen.
import { address, button, later, libraryPath, make, ServerError } from "./parts.js";

const WIDEST = 1600;
const isWide = () => window.matchMedia("(min-width: 1080px)").matches; // else text comes first

export function pageImage({ say, failure }) {
  const image = make("img", "kg-page-image", undefined, { alt: "" });
  const trouble = make("div", "");
  const title = make("summary", "kg-about");
  const box = make("details", "kg-page-side", [title, make("div", "kg-page-frame", [trouble, image])], { hidden: true, open: isWide() });
  let wanted = null;
  let drawn = "";

  const paint = () => {
    if (wanted) title.textContent = say("read.page", { number: wanted.page.number });
    if (!wanted || box.hidden || !box.open || !box.clientWidth) return;
    const { document: id, page, sought, name } = wanted;
    const width = Math.min(Math.round(box.clientWidth * (window.devicePixelRatio || 1)), WIDEST);
    const isHere = sought.end > sought.start && sought.start < page.end && sought.end > page.start;
    const source = address(libraryPath(`/documents/${encodeURIComponent(id)}/pages/${page.number}.png`), {
      width, start: isHere ? sought.start : undefined, end: isHere ? sought.end : undefined });
    if (source === drawn) return;
    drawn = source;
    trouble.replaceChildren();
    image.classList.add("kg-turning");
    image.alt = say("read.page_of", { number: page.number, name });
    image.src = source;
  };
  image.addEventListener("load", () => image.classList.remove("kg-turning"));
  image.addEventListener("error", () => {
    image.classList.remove("kg-turning");
    if (!image.getAttribute("src")) return;
    const again = () => { drawn = ""; paint(); };
    trouble.replaceChildren(failure(new ServerError("picture", say("read.no_page"), 0), again));
  });
  const soon = later(paint, 150);
  box.addEventListener("toggle", paint);
  new ResizeObserver(soon).observe(box);
  return {
    box,
    show(next) { wanted = next; box.hidden = false; soon(); },
    hide() { wanted = null; drawn = ""; box.hidden = true; image.removeAttribute("src"); },
  };
}

// "Page 3 of 12", with a box to go to another.
export function pageTurner({ say }, turn) {
  const input = make("input", "kg-input kg-page-number", undefined, { type: "number", min: 1, "aria-label": say("read.page_number") });
  const total = make("span", "kg-about");
  const go = (number) => turn(Number(number));
  input.addEventListener("change", () => go(input.value));
  const box = make("span", "kg-turner", [
    button("kg-tool", "‹", () => go(Number(input.value) - 1), { "aria-label": say("read.page_before") }), input, total,
    button("kg-tool", "›", () => go(Number(input.value) + 1), { "aria-label": say("read.page_after") })], { hidden: true });
  return {
    box,
    show(number, pages) {
      box.hidden = pages.length === 0;
      input.max = String(pages.length);
      if (document.activeElement !== input) input.value = String(number ?? "");
      total.textContent = say("read.of_pages", { pages: pages.length });
    },
  };
}
