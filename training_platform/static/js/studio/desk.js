// Saves what is written every few seconds, and never loses a word: a copy stays on this computer until the server has confirmed.
// Without this module the form saves by its button.
const form = document.querySelector("[data-autosave]");
const state = document.querySelector("[data-state]");
const people = document.querySelector("[data-people]");
const panel = document.querySelector("[data-conflicts]");
const french = document.documentElement.lang === "fr";
const copyKey = `sillage:${form.dataset.person}:${form.dataset.key}`;
const IDLE = 2000, LONGEST = 8000, HEARTBEAT = 15000;
const NOT_TEXT = new Set(["csrf_token", "base", "editor", "do", "seen", "was"]);

const said = {
  saved: (at) => (french ? `Enregistré à ${at}` : `Saved at ${at}`),
  saving: () => (french ? "Enregistrement…" : "Saving…"),
  writing: () => (french ? "Modifications à enregistrer" : "Changes to save"),
  waiting: () => (french ? "En attente de connexion. Votre texte est gardé sur cet ordinateur." : "Waiting for the connection. Your text is kept on this computer."),
  expired: () => (french ? "Votre session a expiré. Votre texte est gardé sur cet ordinateur : " : "Your session has expired. Your text is kept on this computer: "),
  signIn: () => (french ? "reconnectez-vous dans un nouvel onglet" : "sign in again in a new tab"),
  other: () => (french ? "Quelqu'un d'autre est connecté sur ce poste. Votre texte est gardé ; reconnectez-vous sous votre nom." : "Somebody else is signed in on this computer. Your text is kept; sign in as yourself."),
  partial: (count, at) => (french ? `Enregistré à ${at}, sauf ce qui est à corriger (${count})` : `Saved at ${at}, except what is to be corrected (${count})`),
  conflict: () => (french ? "Rien n'est écrasé : choisissez entre deux textes" : "Nothing is overwritten: choose between two texts"),
  failed: (why) => (french ? `Pas encore enregistré. ${why}` : `Not saved yet. ${why}`),
  found: (at) => (french ? `Il date du ${at}. Le reprendre ne change rien à ce que d'autres ont écrit : les textes sont fusionnés.` : `It dates from ${at}. Taking it up changes nothing that others wrote: the texts are merged.`),
  gone: () => (french ? "Quelqu'un a retiré une partie que vous voyez encore. Rechargez la page pour voir le module tel qu'il est." : "Somebody took out a part that you still see. Reload the page to see the module as it is."),
  mine: () => (french ? "Votre texte" : "Your text"),
  theirs: () => (french ? "L'autre texte" : "The other text"),
  keep: () => (french ? "Garder le mien" : "Keep mine"),
  take: () => (french ? "Prendre l'autre" : "Take the other"),
};

const now = () => new Date().toLocaleTimeString(french ? "fr-FR" : "en-GB", { hour: "2-digit", minute: "2-digit" });
const written = () => Object.fromEntries([...new FormData(form)].filter(([name, value]) => !NOT_TEXT.has(name) && typeof value === "string"));
const same = (a, b) => Object.keys({ ...a, ...b }).every((name) => (a[name] ?? "") === (b[name] ?? ""));
const unix = (text) => text.replaceAll("\r\n", "\n");

let confirmed = written();
let busy = false, blocked = false, leaving = false, failures = 0;
let idle, latest, retry, copying;

function show(kind, ...about) {
  const text = said[kind](...about);
  if (state.textContent !== text) state.textContent = text;
  state.dataset.kind = kind;
}

function copy() {
  const fields = written();
  if (same(fields, confirmed)) return localStorage.removeItem(copyKey);
  keep(fields);
}

// A text that is too large for the browser's store must still reach the server.
function keep(fields) {
  try {
    localStorage.setItem(copyKey, JSON.stringify({ fields, base: form.elements.base.value, at: Date.now() }));
  } catch {
    localStorage.removeItem(copyKey);
  }
}

function later(wait = IDLE) {
  clearTimeout(idle);
  idle = setTimeout(save, wait);
  latest ??= setTimeout(save, LONGEST);
}

function changed() {
  if (same(written(), confirmed)) return;
  if (!["waiting", "expired", "conflict", "failed"].includes(state.dataset.kind)) show("writing");
  clearTimeout(copying);
  copying = setTimeout(copy, 250);
  if (!blocked) later();
}

async function save() {
  clearTimeout(idle);
  clearTimeout(latest);
  latest = undefined;
  if (busy || blocked || leaving) return;
  copy();
  const sent = written();
  if (same(sent, confirmed)) return;
  busy = true;
  show("saving");
  try {
    await post(sent);
  } finally {
    busy = false;
  }
  if (!blocked && failures === 0 && state.dataset.kind !== "failed" && !same(written(), confirmed)) later();
}

// Save now and wait until that is done or has failed.
export async function flush() {
  while (busy) await new Promise((done) => setTimeout(done, 50));
  await save();
}

async function post(sent) {
  const body = new FormData(form);
  body.delete("do");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer || answer.status >= 500 || answer.status === 429) return again("waiting");
  const json = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => null) : null;
  if (answer.redirected || !json) return renew();
  if (answer.status === 400) return renew();
  if (!answer.ok) {
    failures = 0;
    return show("failed", json.error);
  }
  failures = 0;
  take(json, sent);
}

// The session or its token is no longer good: ask for a fresh one, which needs a signed-in person.
async function renew() {
  const pulse = await beat();
  if (pulse === "ok" && failures === 0) {
    failures = 1;
    return again("saving", 200);
  }
  if (pulse === "ok") return again("waiting");
  if (pulse === "other") show("other");
  else if (pulse === "expired") {
    show("expired");
    const link = Object.assign(document.createElement("a"), { href: form.dataset.signIn, target: "_blank", textContent: said.signIn() });
    state.append(link);
  } else show("waiting");
  again(state.dataset.kind, 4000);
}

function again(kind, wait) {
  failures += 1;
  if (kind === "waiting") show(kind);
  clearTimeout(retry);
  retry = setTimeout(save, wait ?? Math.min(1000 * 2 ** failures, 15000));
}

async function beat() {
  const answer = await fetch(form.dataset.pulse, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer) return "away";
  const json = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => null) : null;
  if (answer.redirected || !json) return "expired";
  if (!answer.ok) return "away";
  if (json.person !== form.dataset.person) return "other";
  document.querySelectorAll("input[name=csrf_token]").forEach((field) => (field.value = json.token));
  people.textContent = json.people;
  people.hidden = !json.people;
  return "ok";
}

function put(name, value) {
  const field = form.elements[name];
  if (!field || field instanceof RadioNodeList) return;
  if (field.type === "checkbox") field.checked = value === "1";
  else field.value = value;
}

function take(json, sent) {
  form.elements.base.value = json.base;
  form.elements.seen?.remove();
  const here = written();
  confirmed = { ...sent };
  for (const [name, value] of Object.entries(json.fields)) {
    if (unix(here[name] ?? "") === unix(sent[name] ?? "")) {
      put(name, value);
      confirmed[name] = written()[name] ?? value;
    }
  }
  mark(json.errors);
  if (json.state === "conflict") return decide(json.conflicts);
  const wrong = Object.keys(json.errors);
  if (wrong.length) {
    wrong.forEach((name) => (confirmed[name] = sent[name]));
    keep(written());
    return show("partial", wrong.length, now());
  }
  copy();
  show("saved", now());
  if (json.said) state.textContent += ` – ${json.said}`;
  if (json.gone.length) show("failed", said.gone());
  document.dispatchEvent(new CustomEvent("desk:saved"));
}

function mark(errors) {
  for (const place of form.querySelectorAll(".field-error[id$='-error']")) {
    const text = errors[place.id.slice(0, -6)];
    place.hidden = !text;
    place.textContent = text ? `✕ ${text}` : "";
    place.closest(".field")?.classList.toggle("field-bad", Boolean(text));
  }
}

// Two people changed the same words: nothing is sent until each place is decided.
function decide(conflicts) {
  blocked = true;
  show("conflict");
  const list = panel.querySelector("[data-conflict-list]");
  list.replaceChildren(...conflicts.map((one) => {
    put(one.field, one.mine);
    const box = document.createElement("details");
    box.className = "conflict";
    box.open = true;
    const head = document.createElement("summary");
    head.textContent = `${one.label} – ${one.by}`;
    const texts = document.createElement("div");
    texts.className = "columns both-texts";
    texts.append(side(said.mine(), one.pieces, "added", "removed"), side(said.theirs(), one.pieces, "removed", "added"));
    const row = document.createElement("div");
    row.className = "row";
    for (const [label, value] of [[said.keep(), null], [said.take(), one.theirs]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button-second", textContent: label });
      button.addEventListener("click", () => {
        if (value !== null) put(one.field, value);
        box.remove();
        if (list.children.length) return list.querySelector("button").focus();
        panel.hidden = true;
        blocked = false;
        confirmed = {};
        form.elements[one.field]?.focus?.();
        save();
      });
      row.append(button);
    }
    box.append(head, texts, row);
    return box;
  }));
  panel.hidden = false;
  panel.focus();
}

function side(title, pieces, without, marked) {
  const column = document.createElement("div");
  const head = Object.assign(document.createElement("p"), { className: "meta", textContent: title });
  const text = Object.assign(document.createElement("p"), { className: "changes" });
  for (const piece of pieces.filter((one) => one.kind !== without)) {
    text.append(Object.assign(document.createElement(piece.kind === marked ? "mark" : "span"), { textContent: piece.text }));
  }
  column.append(head, text);
  return column;
}

function recover() {
  const box = document.querySelector("[data-recovery]");
  let kept;
  try { kept = JSON.parse(localStorage.getItem(copyKey) ?? "null"); } catch { kept = null; }
  if (!kept) return;
  const here = written();
  const lost = Object.keys(kept.fields).filter((name) => form.elements[name] && unix(kept.fields[name]) !== unix(here[name] ?? ""));
  if (!lost.length) return localStorage.removeItem(copyKey);
  const at = new Date(kept.at).toLocaleString(french ? "fr-FR" : "en-GB", { dateStyle: "short", timeStyle: "short" });
  box.querySelector("[data-recovery-said]").textContent = said.found(at);
  box.hidden = false;
  box.querySelector("[data-recover]").addEventListener("click", () => {
    lost.forEach((name) => put(name, kept.fields[name]));
    form.elements.base.value = kept.base;
    box.hidden = true;
    form.elements[lost[0]].focus?.();
    save();
  });
  box.querySelector("[data-forget]").addEventListener("click", () => {
    localStorage.removeItem(copyKey);
    box.hidden = true;
  });
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
form.addEventListener("submit", (event) => {
  if ((event.submitter?.value ?? "save") !== "save" || panel.hasAttribute("data-focus")) {
    leaving = true;
    copy();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (same(written(), confirmed)) show("saved", now());
  failures = 0;
  save();
});
addEventListener("pageshow", () => (leaving = false));
addEventListener("online", save);
addEventListener("pagehide", () => { if (!busy || !leaving) copy(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) { copy(); save(); } });
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
setInterval(beat, HEARTBEAT);
recover();
