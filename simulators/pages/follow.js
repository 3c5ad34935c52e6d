const box = document.getElementById("payment");
const part = (name) => box.querySelector(`[data-part="${name}"]`);
const again = document.getElementById("again");
let left = 600, isOver = false;
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
  offer(found.acts);
  const name = `${found.title} – The Licence Shop`;
  if (document.title !== name) document.title = name;
  isOver = found.final;
  if (again) again.hidden = true;
}
function offer(acts) {
  const place = document.getElementById("acts");
  const shown = [...place.querySelectorAll("button")].map((button) => button.textContent);
  if (shown.join() === acts.map(([, words]) => words).join()) return;
  place.replaceChildren(...acts.map(([act, words]) => {
    const form = document.createElement("form"), button = document.createElement("button");
    form.method = "post";
    form.action = box.dataset.url.replace(/status$/, act);
    button.textContent = words;
    form.append(button);
    return form;
  }));
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
  else if (again) again.hidden = isOver;
}
look();
