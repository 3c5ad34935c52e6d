const box = document.getElementById("payment");
const part = (name) => box.querySelector(`[data-part="${name}"]`);
let left = 600;
function show(found) {
  const title = `${found.mark} ${found.title}`;
  if (part("title").textContent !== title) part("title").textContent = title;
  part("title").className = `state ${found.role}`;
  if (part("about").textContent !== found.about) part("about").textContent = found.about;
  const rows = found.facts.flatMap(([label, text]) => {
    const name = document.createElement("dt"), value = document.createElement("dd");
    name.textContent = label;
    value.textContent = text;
    return [name, value];
  });
  if (part("facts").textContent !== rows.map((row) => row.textContent).join("")) part("facts").replaceChildren(...rows);
  const again = document.getElementById("again");
  if (again) again.hidden = true;
}
async function look() {
  try {
    const answer = await fetch(box.dataset.url, {headers: {accept: "application/json"}});
    const found = await answer.json();
    show(found);
    if (found.final) left = Math.min(left, 20);
  } catch (lost) { /* the shop is away for a moment: ask again */ }
  left -= 1;
  if (left > 0) setTimeout(look, 1000);
}
look();
