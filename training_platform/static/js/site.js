// What every page improves with: focus on the summary of errors and from there on the field, or where there is no
// summary on the field that is wrong; and one submission per click.
const summary = document.querySelector("[data-focus]");
const wrong = "main [aria-invalid='true'], main .field-bad :is(input, select, textarea)";
(summary ?? document.querySelector(wrong))?.focus();
summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  const field = target?.matches("input, select, textarea") ? target : target?.querySelector("input, select, textarea");
  if (!field) return;
  event.preventDefault();
  field.focus({ preventScroll: true });
  target.scrollIntoView();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
