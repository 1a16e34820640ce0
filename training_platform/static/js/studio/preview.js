// The lesson as readers will see it, beside the text, renewed as one types. Without this module the preview is a page.
import { show, shown } from "./tongues.js";

const form = document.querySelector("[data-autosave]");
const aside = document.getElementById("preview");
const frame = aside.querySelector("[data-preview-frame]");
const view = aside.querySelector(".preview-window");
const said = aside.querySelector("[data-preview-said]");
const toggle = document.querySelector("[data-preview-toggle]");
const french = document.documentElement.lang === "fr";
const WIDTHS = { phone: 375, desktop: 1180 };
let width = "phone", field = document.querySelector("[data-markdown]"), timer, round = 0;

const tongue = () => field.closest("[data-tongue]").dataset.tongue;

function fit() {
  const scale = Math.min(1, view.clientWidth / WIDTHS[width]);
  frame.style.width = `${WIDTHS[width]}px`;
  frame.style.height = `${view.clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
}

async function renew() {
  if (aside.hidden || !field) return;
  const mine = ++round;
  const section = field.closest("[data-lesson]");
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, language: tongue(), text: field.value });
  const answer = await fetch(section.dataset.preview, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
  if (mine !== round) return;
  if (!answer?.ok || answer.redirected) {
    said.textContent = french ? "L'aperçu attend la connexion." : "The preview is waiting for the connection.";
    return;
  }
  said.textContent = "";
  const text = await answer.text();
  const inside = frame.contentDocument;
  const address = `${section.dataset.preview}?language=${tongue()}`;
  if (frame.dataset.at !== address || !inside?.getElementById("main")) {
    frame.dataset.at = address;
    frame.src = address;
    frame.addEventListener("load", () => fill(text), { once: true });
    return;
  }
  fill(text);
}

function fill(text) {
  const inside = frame.contentDocument;
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  if (fresh) inside?.getElementById("main")?.replaceWith(inside.importNode(fresh, true));
}

toggle.hidden = !field;
toggle.addEventListener("click", () => {
  aside.hidden = !aside.hidden;
  toggle.setAttribute("aria-expanded", String(!aside.hidden));
  document.querySelector(".desk").classList.toggle("desk-with-preview", !aside.hidden);
  if (aside.hidden) return;
  if (shown() === "both" && innerWidth < 1700) show(tongue());
  fit();
  renew();
});
aside.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-width]");
  if (!chosen) return;
  width = chosen.dataset.width;
  for (const button of aside.querySelectorAll("[data-width]")) button.setAttribute("aria-pressed", String(button === chosen));
  fit();
});
form.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-markdown]") || event.target === field) return;
  field = event.target;
  renew();
});
form.addEventListener("input", (event) => {
  if (event.target !== field) return;
  clearTimeout(timer);
  timer = setTimeout(renew, 400);
});
addEventListener("resize", () => { if (!aside.hidden) fit(); });
