// The toolbar of a lesson, what it inserts, pasting from a word processor, pictures. Without this module one types Markdown.
const form = document.querySelector("[data-autosave]");
const french = document.documentElement.lang === "fr";
const dialog = document.getElementById("insert");
const found = dialog.querySelector(".insert-found");
const query = document.getElementById("insert-q");
const note = dialog.querySelector("[data-insert-said]");
const BLOCKS = { scene: "Au laboratoire…", example: "", tomorrow: "", keep: "- \n- \n- " };
let target = null;

// execCommand keeps the browser's own undo, which setting the value would lose.
function type(field, text, start = field.selectionStart, end = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

function wrap(field, mark) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  type(field, `${mark}${value.slice(start, end)}${mark}`);
  field.setSelectionRange(start + mark.length, end + mark.length);
}

function prefix(field, mark) {
  const { selectionStart, selectionEnd, value } = field;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const lines = value.slice(start, selectionEnd).split("\n");
  type(field, lines.map((line) => (line.startsWith(mark) ? line : mark + line)).join("\n"), start, selectionEnd);
}

function alone(field, text) {
  const { selectionStart: start, value } = field;
  const before = value.slice(0, start), after = value.slice(field.selectionEnd);
  const lead = before && !before.endsWith("\n\n") ? (before.endsWith("\n") ? "\n" : "\n\n") : "";
  type(field, `${lead}${text}${after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n"}`);
}

function block(field, kind) {
  const inside = field.value.slice(field.selectionStart, field.selectionEnd) || (french ? BLOCKS[kind] : BLOCKS[kind].replace("Au laboratoire", "In the laboratory"));
  alone(field, `::: ${kind}\n${inside}\n:::`);
}

async function search(kind) {
  const address = `${form.dataset.insertions.replace("KIND", kind)}?q=${encodeURIComponent(query.value)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    note.textContent = french ? "La recherche attend la connexion." : "The search is waiting for the connection.";
    return;
  }
  note.textContent = "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  found.replaceChildren(...[...page.querySelectorAll("#found > li")].map((line) => {
    const item = document.createElement("div");
    item.setAttribute("role", "listitem");
    if (!line.dataset.write) {
      item.append(...line.childNodes);
      return item;
    }
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button-quiet insert-one" });
    button.append(...line.childNodes);
    button.addEventListener("click", () => {
      dialog.close();
      if ("alone" in line.dataset) alone(target, line.dataset.write);
      else type(target, line.dataset.write);
    });
    item.append(button);
    return item;
  }));
}

let kind, timer;
function ask(field, button) {
  target = field;
  kind = button.dataset.insert;
  dialog.querySelector("h2").textContent = button.textContent.replace("…", "").trim();
  query.value = "";
  found.replaceChildren();
  dialog.showModal();
  query.focus();
  search(kind);
}
query.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => search(kind), 250);
});
query.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  found.querySelector("button")?.click();
});

// A toolbar is one stop of the Tab key; arrows move inside it.
function equip(field) {
  const bar = document.getElementById("toolbar-template").content.firstElementChild.cloneNode(true);
  const buttons = [...bar.querySelectorAll("button")];
  bar.setAttribute("aria-label", `${french ? "Mise en forme" : "Formatting"} – ${field.labels[0].textContent.trim()}`);
  bar.setAttribute("aria-controls", field.id);
  buttons.forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length);
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { wrap: mark, line, block: box, insert } = button.dataset;
    if (mark) wrap(field, mark);
    else if (line) prefix(field, line);
    else if (box) block(field, box);
    else if (insert) ask(field, button);
    else picture(field);
  });
  field.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const button = bar.querySelector(`[data-key="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  field.addEventListener("paste", paste);
  field.before(bar);
}

async function paste(event) {
  const data = event.clipboardData;
  const image = [...data.files].find((file) => file.type.startsWith("image/"));
  if (image && !data.types.includes("text/html")) {
    event.preventDefault();
    return picture(event.target, image);
  }
  const html = data.getData("text/html");
  if (!html) return;
  event.preventDefault();
  const field = event.target, plain = data.getData("text/plain");
  const headers = { Accept: "application/json", "Content-Type": "text/html; charset=utf-8", "X-CSRFToken": form.elements.csrf_token.value };
  const answer = await fetch(form.dataset.paste, { method: "POST", body: html, headers }).catch(() => null);
  const json = answer && !answer.redirected ? await answer.json().catch(() => null) : null;
  type(field, json?.markdown ?? plain);
  if (json?.error) fault(field, json.error);
}

function fault(field, text) {
  const place = document.getElementById(`${field.id}-error`);
  place.hidden = false;
  place.textContent = `✕ ${text}`;
}

const upload = document.querySelector("[data-upload]");
const uploadSaid = upload.querySelector("[data-upload-said]");
const uploadError = document.getElementById("picture-error");
let place = null;

function picture(field, file) {
  place = field;
  upload.closest("details").open = true;
  if (file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    upload.elements.picture.files = transfer.files;
  }
  upload.scrollIntoView({ block: "center" });
  (file ? upload.elements.alt_fr : upload.elements.picture).focus();
}

function refuse(text) {
  uploadError.hidden = !text;
  uploadError.textContent = text ? `✕ ${text}` : "";
  uploadError.closest(".field").classList.toggle("field-bad", Boolean(text));
}

upload.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopPropagation();
  refuse("");
  const file = upload.elements.picture.files[0];
  if (file?.size > 10 * 1024 * 1024) {
    const size = Math.round(file.size / 1048576);
    return refuse(french ? `Cette image pèse ${size} Mo ; 10 Mo au plus sont acceptés. Réduisez-la ou enregistrez-la en JPEG, puis recommencez.` : `This picture weighs ${size} MB; at most 10 MB are taken. Make it smaller or save it as JPEG, then try again.`);
  }
  uploadSaid.textContent = french ? "Envoi de l'image…" : "Sending the picture…";
  const answer = await fetch(upload.action, { method: "POST", body: new FormData(upload), headers: { Accept: "application/json" } }).catch(() => null);
  const json = answer && !answer.redirected ? await answer.json().catch(() => null) : null;
  uploadSaid.textContent = "";
  if (!answer?.ok || !json) return refuse(json?.error ?? (french ? "L'image n'est pas partie : vérifiez la connexion, puis recommencez." : "The picture was not sent: check the connection, then try again."));
  const [, key] = place?.id.match(/^(lesson_.+)_(?:fr|en)$/) ?? [];
  for (const code of ["fr", "en"]) {
    const field = key && document.getElementById(`${key}_${code}`);
    if (!field) continue;
    field.focus();
    alone(field, json.markdown[code]);
  }
  uploadSaid.textContent = key ? (french ? "Image ajoutée à la leçon, dans les deux langues." : "Picture added to the lesson, in both languages.") : `${french ? "Image ajoutée. À écrire dans la leçon :" : "Picture added. To write in the lesson:"} ${json.markdown[french ? "fr" : "en"]}`;
  upload.reset();
});

document.querySelectorAll("[data-markdown]").forEach(equip);
