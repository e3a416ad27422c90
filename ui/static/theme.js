// Light, dark, or as the system has it. gradio reads the class "dark" of the body; what was chosen
// stays in this browser. Loaded in the head of the page, it applies before the views are drawn, and
// again whenever gradio, which asks the system alone, changes the class.
const KEY = "kgrag-theme";
const asksForDark = window.matchMedia("(prefers-color-scheme: dark)");

export const THEMES = ["system", "light", "dark"];

export function chosenTheme() {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.includes(kept) ? kept : "system";
  } catch {
    return "system"; // a browser that keeps nothing
  }
}

export function chooseTheme(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch { /* it holds until the page is closed */ }
  applyTheme(theme);
}

export function applyTheme(theme = chosenTheme()) {
  const isDark = theme === "dark" || (theme === "system" && asksForDark.matches);
  if (document.body.classList.contains("dark") !== isDark) document.body.classList.toggle("dark", isDark);
}

asksForDark.addEventListener("change", () => applyTheme());
new MutationObserver(() => applyTheme()).observe(document.body, { attributeFilter: ["class"] });
applyTheme();
