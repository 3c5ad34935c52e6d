const box = document.getElementById("payment");
const seen = box.dataset.state;
async function look() {
  try {
    const answer = await fetch(box.dataset.url, {headers: {accept: "application/json"}});
    const found = await answer.json();
    if (found.state !== seen) { location.reload(); return; }
    if (found.final) return;
  } catch (lost) { /* the shop is away for a moment: ask again */ }
  setTimeout(look, 2000);
}
if (box.dataset.final !== "true") setTimeout(look, 2000);
