"use strict";
// Sorts tables by a click on a column, and filters cases by what they say. The page is whole without it.

for (const table of document.querySelectorAll("table.numbers")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.classList.add("sortable");
    const sort = () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
      rows.sort((a, b) => (down ? -1 : 1) * compare(a.key, b.key, down));
      rows.forEach(({ row }) => body.append(row));
      let before = "";
      for (const { row } of rows) {
        const group = row.cells[0].textContent;
        row.classList.toggle("again", group === before);
        before = group;
      }
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
    });
  });
}

function keyOf(cell) {
  if (!cell.hasAttribute("data-v")) return cell.textContent.trim();
  return cell.dataset.v === "" ? null : Number(cell.dataset.v);
}

function compare(a, b, down) {
  if (a === null || b === null) return (a === b ? 0 : a === null ? 1 : -1) * (down ? -1 : 1);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b));
}

for (const list of document.querySelectorAll(".cases")) {
  const cases = [...list.querySelectorAll(".case")];
  if (cases.length < 6) continue;
  const field = document.createElement("input");
  field.type = "search";
  field.className = "filter";
  field.placeholder = "Filter the cases shown…";
  field.setAttribute("aria-label", "Filter the cases shown");
  const count = document.createElement("span");
  count.className = "n";
  count.setAttribute("role", "status");
  const line = document.createElement("p");
  line.className = "filter-line";
  line.append(field, count);
  list.prepend(line);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let found = 0;
    for (const one of cases) {
      const fits = !wanted || one.textContent.toLowerCase().includes(wanted);
      one.hidden = !fits;
      found += fits;
    }
    list.querySelectorAll(".more").forEach((more) => { more.open = wanted !== ""; });
    count.textContent = wanted ? `${found} of ${cases.length}` : "";
  });
}

window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details.fold").forEach((fold) => { fold.open = true; });
});
