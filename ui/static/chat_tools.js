// Below the conversation: a new one, and this one as a file.
import { button, libraryPath, make, speaker } from "./parts.js";
import { loadWords } from "./page_words.js";

export async function mount({ element, trigger, language }) {
  const say = speaker(await loadWords(language), language);
  const own = element.querySelector(".kg-own");
  const fresh = button("kg-link-button", say("ask.new"), () => trigger("clear"), { id: "kg-fresh" });
  const save = (format) => make("a", "kg-link-button", say(`chat.export.${format}`), { download: "", "data-format": format });
  const files = make("span", "kg-exports", [make("span", "kg-about", say("chat.export")), save("md"), save("html")], { hidden: true });
  own.append(fresh, files);

  // The conversation says under which id it is kept, once it is.
  function update() {
    const id = document.querySelector("#kg-chat .kg-turns")?.dataset.conversation ?? "";
    files.hidden = !id;
    for (const link of files.querySelectorAll("a")) {
      link.href = libraryPath(`/conversations/${encodeURIComponent(id)}/export?format=${link.dataset.format}&lang=${language}`);
    }
  }
  new MutationObserver(update).observe(document.querySelector("#kg-chat"), { childList: true, subtree: true });
  update();
}
