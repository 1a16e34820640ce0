// Remember the heading that the reader has reached, so that the lesson resumes there.
const lesson = document.querySelector("[data-place]");
let last = "";
function save() {
  const passed = [...lesson.querySelectorAll(".prose [id^='h-']")].filter((h) => h.getBoundingClientRect().top < innerHeight / 2);
  const anchor = passed.at(-1)?.id ?? "";
  if (anchor === last) return;
  last = anchor;
  const body = new URLSearchParams({ anchor, csrf_token: lesson.dataset.token });
  fetch(lesson.dataset.place, { method: "POST", body, keepalive: true }).catch(() => { last = ""; });
}
let timer;
if (lesson.dataset.place) addEventListener("scroll", () => { clearTimeout(timer); timer = setTimeout(save, 800); }, { passive: true });
if (lesson.dataset.place) addEventListener("pagehide", save);
