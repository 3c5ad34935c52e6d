// The processing page: hears of changes over the socket, asks /payment/status where it hears nothing, and shows what the
// server then renders. The words are the server's alone.

import {Socket} from "/pages/socket.js";

// Asking is the fallback; beside a joined socket it only covers what the socket does not tell, such as a held payment.
const ASK_EVERY = {"closely": 2_000, "loosely": 15_000}, JOINED_SLOWER = 8;

const box = document.getElementById("payment");
const line = document.getElementById("line");
const session = box.dataset.session;
let seen = "", joined = false, timer = 0, socket = null, looking = false, again = false;

// One look at a time, and one more for whatever came meanwhile: else an older answer could come after a newer one.
async function look() {
  again = looking;
  if (looking) return;
  looking = true;
  do {
    again = false;
    await lookOnce();
  } while (again);
  looking = false;
  clearTimeout(timer);
  if (!isOver()) timer = setTimeout(look, ASK_EVERY[box.dataset.follow] * (joined ? JOINED_SLOWER : 1));
}

async function lookOnce() {
  if (isOver()) return;
  try {
    const answer = await fetch(`/payment/status/${session}`, {headers: {accept: "application/json"}});
    const told = await answer.text();
    if (answer.ok && told !== seen) {
      await show();
      seen = told;
    }
    line.hidden = true;
  } catch {
    line.textContent = "We cannot be reached just now. Nothing is lost: this page goes on trying.";
    line.hidden = false;
  }
}

async function show() {
  const answer = await fetch(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("payment");
  if (!answer.ok || !fresh) throw new Error("no page");
  // Swapped only when it says something else: a screen reader reads out whatever is put here.
  if (fresh.innerHTML !== box.innerHTML) box.replaceChildren(...fresh.childNodes);
  box.dataset.follow = fresh.dataset.follow;
  document.title = page.title;
  if (isOver()) socket?.close();
}

function isOver() {
  return box.dataset.follow === "no more";
}

function follow() {
  const token = location.hash.slice(1);
  socket = new Socket(location.origin, {
    async onConnect() {
      const told = await socket.ask("join", token ? {token, sessionId: session} : {sessionId: session}).catch(() => ({}));
      joined = told.ok === true;
      document.documentElement.dataset.live = joined ? "socket" : "asking";
      look();
    },
    onEvent(name, told) {
      if (name === "paymentStatusUpdate" && told.sessionId === session) look();
    },
    onLost() {
      joined = false;
      document.documentElement.dataset.live = "asking";
      look();
    },
  });
}

if (!isOver()) {
  follow();
  look();
}
