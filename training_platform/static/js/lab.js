// Moving a control asks the server for what it changes and puts it in place; without this module a button does it.
const own = location.pathname.includes("/labs/");

function wire(form) {
  const view = () => document.getElementById(form.id.replace(/-form$/, "-view"));
  const said = form.querySelector("[data-lab-said]");
  let timer, latest = 0;
  form.querySelector("[data-lab-button]").hidden = true;

  async function recompute(submitter) {
    const mine = ++latest;
    const moved = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(`${form.dataset.lab}?${moved}`).catch(() => null);
    if (mine !== latest) return;
    said.classList.toggle("visually-hidden", answer?.ok ?? false);
    if (!answer?.ok) {
      said.textContent = document.documentElement.lang === "fr" ? "Le calcul n'a pas abouti. Réessayez." : "The computation did not come through. Try again.";
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(view().id);
    if (mine !== latest) return;
    const focused = document.activeElement?.id;
    const open = [...view().querySelectorAll("details")].map((part) => part.open);
    const scrolled = [...view().querySelectorAll(".table-scroll")].map((part) => part.scrollLeft);
    view().replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((part, n) => (part.open = open[n] ?? part.open));
    fresh.querySelectorAll(".table-scroll").forEach((part, n) => (part.scrollLeft = scrolled[n] ?? 0));
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
    said.textContent = fresh.querySelector("[data-lab-summary]").textContent;
    if (own && !submitter) history.replaceState(null, "", `?${moved}`);
  }

  form.addEventListener("input", (event) => {
    const output = event.target.parentElement.querySelector("output");
    if (output) output.textContent = event.target.value;
    clearTimeout(timer);
    timer = setTimeout(recompute, 90);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(timer);
    recompute(event.submitter);
  });
}
document.querySelectorAll("[data-lab]").forEach(wire);
