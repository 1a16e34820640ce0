// What the machine proposes, beside the text that it read; without this module it is a page.
import { flush } from "./desk.js";

const french = document.documentElement.lang === "fr";
const link = document.querySelector("[data-proposals]");
const box = document.querySelector("[data-proposed]");

link.addEventListener("click", async (event) => {
  event.preventDefault();
  link.textContent = french ? "Lecture du texte…" : "Reading the text…";
  link.setAttribute("aria-busy", "true");
  await flush();
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const heading of page.querySelectorAll("#help h2")) {
    heading.replaceWith(Object.assign(document.createElement("h3"), { textContent: heading.textContent }));
  }
  box.replaceChildren(...page.getElementById("help").childNodes);
  box.hidden = false;
  link.textContent = french ? "Relire le texte" : "Read the text again";
  link.removeAttribute("aria-busy");
});

// An accepted proposal changes the draft: what was typed goes first.
box.addEventListener("submit", async (event) => {
  if (event.target.dataset.flushed) return;
  event.preventDefault();
  event.stopPropagation();
  await flush();
  // A form cannot be sent again while its submit event is still on its way.
  await new Promise((done) => setTimeout(done));
  event.target.dataset.flushed = "1";
  event.target.requestSubmit(event.submitter);
});
