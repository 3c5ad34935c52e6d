"use strict";
// The page is whole without this: it opens what a link leads to, opens diagrams at the break, filters and copies.
const reveal = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const goal = id && document.getElementById(id);
  if (!goal) return;
  for (let box = goal; box; box = box.parentElement?.closest("details")) if (box.tagName === "DETAILS") box.open = true;
  goal.scrollIntoView({ block: "start" });
  if (goal.tabIndex === -1) goal.focus({ preventScroll: true });
};
addEventListener("hashchange", reveal);
reveal();

for (const figure of document.querySelectorAll("figure.diagram")) {
  const broken = [...figure.querySelectorAll(".broken-here")].find((note) => note.getClientRects().length);
  if (broken) {
    const below = broken.getBoundingClientRect().top - figure.getBoundingClientRect().top;
    figure.scrollTop = below - figure.clientHeight * 0.6;
  }
}

const filters = document.querySelector(".filters");
if (filters) {
  const rows = [...document.querySelectorAll("table.all tbody tr")];
  const narrow = () => {
    const chosen = new FormData(filters);
    const words = String(chosen.get("words")).toLowerCase();
    const verdicts = chosen.getAll("verdict");
    for (const row of rows) row.hidden = !verdicts.includes(row.dataset.verdict) || !row.textContent.toLowerCase().includes(words);
    const shown = rows.filter((row) => !row.hidden).length;
    filters.querySelector(".shown").textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
  };
  filters.hidden = false;
  filters.addEventListener("input", narrow);
  const words = filters.elements.words;
  addEventListener("keydown", (pressed) => {
    if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
    if (pressed.key === "/" && document.activeElement !== words) {
      pressed.preventDefault();
      words.focus();
      words.select();
    } else if (pressed.key === "Escape" && document.activeElement === words) {
      words.value = "";
      narrow();
    } else if (pressed.key === "Enter" && document.activeElement === words) {
      rows.find((row) => !row.hidden)?.querySelector("a")?.focus();
    }
  });
  filters.addEventListener("submit", (submitted) => submitted.preventDefault());
}

for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
}
