// What the parts of the page that live in the browser say; ui/words.py reads the same files.
const loaded = new Map();

export function loadWords(language) {
  if (!loaded.has(language)) {
    loaded.set(language, fetch(`/kgrag/words.page.${language}.json`).then((answer) => answer.json()));
  }
  return loaded.get(language);
}
