// Before gradio draws the page: its language for readers and hyphenation, and light or dark.
import { applyTheme } from "./theme.js";

document.documentElement.lang = location.pathname.startsWith("/ru") ? "ru" : "en";
applyTheme();
