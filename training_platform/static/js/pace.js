// The slider shows its value and asks at once what another pace changes; without this module a button does it.
function wire() {
  const form = document.querySelector("[data-pace]");
  if (!form) return;
  const slider = form.elements.minutes;
  form.querySelector("[data-pace-button]").hidden = true;
  slider.addEventListener("input", () => (form.querySelector("[data-pace-shown]").textContent = slider.value));
  slider.addEventListener("change", async () => {
    const answer = await fetch(`${form.action}?minutes=${slider.value}`).catch(() => null);
    if (!answer) return form.requestSubmit();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("path").replaceWith(page.getElementById("path"));
    wire();
    document.querySelector("[data-pace]").elements.minutes.focus();
  });
}
wire();
