// After each save, what is to remark on the question and the question to try are renewed.
import { shown } from "./tongues.js";

const form = document.querySelector("[data-autosave]");
const again = document.querySelector("[data-again]");

async function renew(parts = ["remarks", "trial"]) {
  const language = shown() === "both" ? document.documentElement.lang : shown();
  const answer = await fetch(`${form.dataset.aside}?language=${language}`, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of parts) {
    const old = document.getElementById(id), fresh = page.getElementById(id);
    if (fresh && !old.contains(document.activeElement) && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  }
}

document.addEventListener("desk:saved", () => renew());
again.hidden = false;
again.addEventListener("click", () => renew(["trial"]));
renew(["remarks"]);

// Another kind of question has other rows: the page is made anew with what was written carried over.
form.elements.kind.addEventListener("change", () => {
  const button = Object.assign(document.createElement("button"), { name: "do", value: "rows", hidden: true });
  form.append(button);
  form.requestSubmit(button);
});
