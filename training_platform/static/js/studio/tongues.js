// One language at a time, or both side by side; phones start with one. Without this module both are shown.
const page = document.querySelector("[data-autosave]");
const group = document.querySelector("[data-view]");
const key = "sillage:tongues";

export function show(which) {
  page.dataset.tongues = which;
  for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.show === which));
}

export const shown = () => page.dataset.tongues;

group.hidden = false;
group.addEventListener("click", (event) => {
  const which = event.target.closest("[data-show]")?.dataset.show;
  if (!which) return;
  localStorage.setItem(key, which);
  show(which);
});
const narrow = matchMedia("(max-width: 60rem)").matches;
show(narrow ? document.documentElement.lang : localStorage.getItem(key) ?? "both");

// A link to a field of the language that is hidden shows it.
function reveal(hash) {
  const tongue = document.getElementById(decodeURIComponent(hash.slice(1)))?.closest("[data-tongue]")?.dataset.tongue;
  if (tongue && shown() !== "both" && shown() !== tongue) show(tongue);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link) reveal(link.getAttribute("href"));
});
if (location.hash) reveal(location.hash);
