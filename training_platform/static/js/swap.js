// Send a form without leaving the page and put the answer in its place. Without this module the form works by reloading.
// On a lost connection the form keeps what was given, says so, and tries again; the server takes each answer once.
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function send(form, body, state) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    try {
      return await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    } catch {
      state.textContent = document.documentElement.lang === "fr" ? "En attente de connexion. Votre réponse est gardée et sera renvoyée." : "Waiting for the connection. Your answer is kept and will be sent again.";
      await pause(wait);
    }
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.swap || event.defaultPrevented) return;
  event.preventDefault();
  const state = form.querySelector("[data-swap-state]") ?? document.createElement("span");
  const body = new FormData(form, event.submitter);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  const answer = await send(form, body, state);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const id = form.dataset.swap;
  const fresh = page.getElementById(id);
  if (!fresh) {
    if (answer.redirected) location.assign(answer.url);
    else document.querySelector("main").replaceWith(page.querySelector("main"));
    return;
  }
  document.getElementById(id).replaceWith(fresh);
  const target = fresh.querySelector(".answered, .field-bad") ?? fresh;
  target.setAttribute("tabindex", "-1");
  target.focus();
});
