// Exams: each change is saved at once, kept and sent again where the connection drops; the clock counts what the server
// gave, so that changing the clock of the computer changes nothing. Without this module the buttons save.
const state = document.querySelector("[data-save-state]");
const waiting = new Map(JSON.parse(sessionStorage.getItem("exam-waiting") ?? "[]"));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let sending = false;

function say(kind, text) {
  if (!state) return;
  state.textContent = text ?? state.dataset[kind];
  state.classList.toggle("exam-state-waiting", kind === "waiting" || kind === "refused");
}

function remember() {
  sessionStorage.setItem("exam-waiting", JSON.stringify([...waiting]));
}

async function flush() {
  if (sending) return;
  sending = true;
  for (let wait = 1000; waiting.size; ) {
    const [action, body] = waiting.entries().next().value;
    try {
      say("saving");
      const answer = await fetch(action, { method: "POST", body: new URLSearchParams(body), headers: { Accept: "application/json" }, keepalive: body.length < 60000 });
      if (answer.status >= 500 || answer.status === 429) throw new Error("later");
      if (waiting.get(action) === body) waiting.delete(action);
      remember();
      const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (said.error) say("refused", said.error);
      else if (said.incomplete) say("incomplete", said.incomplete);
      else if (!waiting.size) saved(action, said);
      wait = 1000;
    } catch {
      say("waiting");
      await pause(wait);
      wait = Math.min(wait * 2, 15000);
    }
  }
  sending = false;
}

function saved(action, said) {
  say("saved");
  if (said.words !== undefined) document.querySelector("[data-words]").textContent = said.words;
  const place = action.match(/\/(\d+)$/)?.[1];
  const mark = place && said.saved && document.querySelector(`.places li:nth-child(${place}) .place`);
  if (!mark) return;
  mark.classList.add("place-answered");
  const told = mark.querySelector("[data-answered]");
  told.textContent = ` ${told.dataset.answered}`;
  document.querySelector("[data-answers]").textContent = document.querySelectorAll(".place-answered").length;
}

function keep(form) {
  waiting.set(form.getAttribute("action"), new URLSearchParams(new FormData(form)).toString());
  remember();
  flush();
}

for (const holder of document.querySelectorAll("[data-autosave]")) {
  const form = holder.matches("form") ? holder : holder.querySelector("form");
  let timer;
  form.addEventListener("change", () => keep(form));
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 1500);
  });
}

// A reason being written is kept on this computer until its decision is taken.
for (const field of document.querySelectorAll("[data-draft]")) {
  const key = `exam-draft-${field.dataset.draft}`;
  field.value ||= sessionStorage.getItem(key) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
}

const clock = document.querySelector("[data-left]");
if (clock) {
  const end = performance.now() + 1000 * Number(clock.dataset.left);
  const shown = clock.querySelector("[data-left-shown]");
  const said = clock.querySelector("[data-left-said]");
  const french = document.documentElement.lang === "fr";
  const announced = new Set();
  const two = (number) => String(number).padStart(2, "0");
  const written = (left) => {
    const minutes = Math.floor(left / 60);
    return minutes < 60 ? `${minutes}:${two(left % 60)}` : `${Math.floor(minutes / 60)}\u00a0h\u00a0${two(minutes % 60)}`;
  };
  const tick = () => {
    const left = Math.max(Math.round((end - performance.now()) / 1000), 0);
    shown.textContent = `${french ? "Il reste" : "Time left:"} ${written(left)}`;
    clock.classList.toggle("exam-clock-short", left < 300);
    for (const minutes of [5, 1]) {
      if (left <= 60 * minutes && left > 60 * minutes - 5 && !announced.has(minutes)) {
        announced.add(minutes);
        said.textContent = french ? `Il reste ${minutes}\u00a0min` : `${minutes}\u00a0min left`;
      }
    }
    if (left) setTimeout(tick, 1000);
    else flush().then(() => setTimeout(() => location.reload(), 11000));
  };
  tick();
}

addEventListener("online", flush);
addEventListener("beforeunload", (event) => {
  if (waiting.size && state?.classList.contains("exam-state-waiting")) event.preventDefault();
});
if (waiting.size) flush();
