// The settings: which language model answers, how the page looks and speaks, what is in use, and
// the corrections of this library.
import { correctionList } from "./corrections.js";
import { api, button, emit, make, viewKit } from "./parts.js";
import { chooseTheme, chosenTheme, THEMES } from "./theme.js";

const LANGUAGES = { en: ["/", "English"], ru: ["/ru", "Русский"] };

export function mount(element, options) {
  const root = make("div", "kg-client kg-settings");
  const kit = viewKit("settings", options, { load: () => reload() });
  const { say } = kit;
  element.replaceChildren(root);

  const section = (title, ...content) => make("section", "kg-setting", [make("h3", "", say(title)), ...content]);
  const model = make("div", "");
  const used = make("dl", "kg-used");
  const usedBox = make("div", "", used);
  const corrections = correctionList(kit);
  root.append(make("div", "kg-settings-column", [
    section("settings.model", make("p", "kg-about", say("settings.model_about")), model),
    section("settings.look", theme(), language()),
    section("settings.used", usedBox),
    section("common.corrections", make("p", "kg-about", say("settings.corrections_about")), corrections.box)]));

  function reload() {
    corrections.load();
    return kit.run(model, async () => {
      const now = await api("/api/settings");
      model.replaceChildren(modelForm(now));
      paintUsed(now);
    });
  }

  function paintUsed(now) {
    const rows = [["settings.version", now.version], ["settings.extractor", now.extractor],
      ["settings.embedder", now.embedder], ["settings.linker", now.linker]];
    used.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", "", say(name)), make("dd", "", value ?? "—")]));
  }

  function modelForm({ model: now, can_change: canChange }) {
    const field = (name, value, placeholder) => {
      const input = make("input", "kg-input", undefined, { type: "text", placeholder, spellcheck: "false", autocomplete: "off", readonly: !canChange });
      input.value = value ?? "";
      return { input, label: make("label", "kg-field", [make("span", "kg-label", say(name)), input]) };
    };
    const endpoint = field("settings.endpoint", now.endpoint, "http://127.0.0.1:8000/v1");
    const name = field("settings.model_name", now.model, say("settings.model_any"));
    const outcome = make("div", "kg-outcome", undefined, { role: "status" });
    const body = () => ({ endpoint: endpoint.input.value.trim(), model: name.input.value.trim() || undefined });
    const running = (label, task) => {
      const act = button(`kg-button${label === "settings.save" ? " kg-main" : ""}`, say(label), () => {
        outcome.replaceChildren(make("span", "kg-spinner", say("settings.trying")));
        act.disabled = true;
        return kit.run(outcome, task).finally(() => {
          act.disabled = false;
          outcome.querySelector(".kg-spinner")?.remove();
        });
      });
      return act;
    };
    const test = running("settings.test", async () => {
      const answer = await api("/api/settings/test", { method: "POST", body: body() });
      const about = answer.ok && answer.model ? say(answer.context_tokens ? "settings.works_context" : "settings.works", { model: answer.model, tokens: answer.context_tokens ?? 0 }) : "";
      outcome.replaceChildren(make("p", answer.ok ? "kg-good" : "kg-bad", answer.ok ? about || answer.message : answer.message));
    });
    const save = running("settings.save", async () => {
      await api("/api/settings/model", { method: "PUT", body: body() });
      outcome.replaceChildren(make("p", "kg-good", say(body().endpoint ? "settings.saved" : "settings.saved_none")));
      emit("model");
    });
    const state = now.endpoint ? now.status : say("settings.no_model");
    return make("div", "kg-model-form", [
      make("p", "kg-model-state", [make("span", "kg-label", say("settings.now")), make("span", "", state ?? "")]),
      endpoint.label, name.label,
      canChange ? make("div", "kg-actions", [test, save]) : make("p", "kg-about", say("settings.fixed")), outcome]);
  }

  function theme() {
    const choice = THEMES.map((value) => {
      const radio = make("input", "", undefined, { type: "radio", name: "kg-theme", value });
      radio.checked = chosenTheme() === value;
      radio.addEventListener("change", () => chooseTheme(value));
      return make("label", "kg-choice", [radio, make("span", "", say(`settings.theme_${value}`))]);
    });
    return make("fieldset", "kg-fieldset", [make("legend", "kg-label", say("settings.theme")), ...choice]);
  }

  function language() {
    const links = Object.entries(LANGUAGES).map(([id, [href, label]]) => {
      const link = make("a", "kg-button", label, { href, lang: id, hreflang: id, "aria-current": id === kit.language ? "true" : null });
      // ui/language.py: without a choice, the page opens as the browser speaks.
      link.addEventListener("click", () => {
        document.cookie = `kgrag_language=${id}; path=/; max-age=31536000; SameSite=Lax`;
      });
      return link;
    });
    return make("fieldset", "kg-fieldset", [make("legend", "kg-label", say("settings.language")), ...links]);
  }

  kit.begin();
}
