// The desk without this file is a plain page; with it, the page goes along with every save.
"use strict";

const SILENCE = 25000, AGAIN = 1000, SOON = 150; // milliseconds
const { body } = document;
const byId = (id) => document.getElementById(id);
const isDesk = document.querySelector("main.desk") !== null;
const title = document.title;
const besides = matchMedia("(min-width: 62rem)"); // the app stands beside the text

// Parts: pieces of HTML that the server has drawn, put in the place of the old ones.

const placed = new Map(), drawn = new Map();

function swap(part) {
  const old = byId(part.id), html = part.outerHTML;
  if (!old || placed.get(part.id) === html) return;
  placed.set(part.id, html);
  for (const open of old.querySelectorAll("details[open][id]")) {
    part.querySelector(`#${open.id}`)?.setAttribute("open", "");
  }
  const focus = old.contains(document.activeElement) && document.activeElement.id;
  const lines = byId("log-lines");
  const atEnd = !lines || lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
  old.replaceWith(document.adoptNode(part));
  decorate(part);
  if (focus !== false) (byId(focus) || part.querySelector("button") || part).focus({ preventScroll: true });
  if (part.id === "log" && atEnd) scrollLog();
}

function scrollLog() {
  const lines = byId("log-lines");
  if (lines) lines.scrollTop = lines.scrollHeight;
}

// What the reader reads stays where it is, however long the verdict above it grows.
function inPlace(change) {
  const top = document.querySelector("header.top").getBoundingClientRect().bottom;
  const spot = document.elementFromPoint(innerWidth / 2, top + 8)?.closest(".text *");
  const before = spot?.getBoundingClientRect().top;
  change();
  if (spot?.isConnected) scrollBy({ top: spot.getBoundingClientRect().top - before, behavior: "instant" });
}

function place(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const count = Number(fresh.querySelector("[data-count]").dataset.count);
  // What was drawn earlier may come later: it must not undo what is newer.
  const parts = [...fresh.querySelectorAll("[data-part]")].filter(({ id }) => count >= (drawn.get(id) ?? 0));
  parts.forEach(({ id }) => drawn.set(id, count));
  inPlace(() => parts.forEach(swap));
  const ids = parts.map((part) => part.id);
  if (ids.includes("verdict")) tell();
  if (ids.includes("app")) showApp();
  if (ids.includes("log")) showAddress();
}

function tell() {
  const { said } = byId("verdict").dataset;
  if (byId("said").textContent !== said) byId("said").textContent = said;
  document.title = `${byId("summary").textContent.trim()} · ${title}`;
}

// Events: the server says what is new, and the page fetches just that.

const have = JSON.parse(body.dataset.now || "{}");
have.app = -1;
const later = new Set();
let source, silence, waiting, queue = Promise.resolve();

function fetchParts(names) {
  queue = queue.then(async () => {
    try {
      const answer = await fetch(`${body.dataset.parts}?want=${[...names]}`);
      if (!answer.ok) throw new Error(answer.status);
      place(await answer.text());
    } catch {
      for (const name of names) have[name] = -1; // the next event brings it
    }
  });
}

function soon(...names) {
  names.forEach((name) => later.add(name));
  waiting ??= setTimeout(() => {
    fetchParts([...later]);
    later.clear();
    waiting = undefined;
  }, SOON);
}

function hear(now) {
  byId("gone").hidden = true;
  if (now.run !== have.run) return meetAnother(now);
  if (!isDesk) return;
  body.classList.toggle("busy", now.busy);
  if (now.verdict !== have.verdict) {
    if (now.pieces) place(now.pieces);
    else fetchParts(["verdict"]);
    soon("rail");
  }
  if (now.app !== have.app) soon("app");
  if (now.log !== have.log) soon("log");
  Object.assign(have, now, { pieces: undefined });
}

function meetAnother(now) {
  const here = location.pathname === "/" ? isDesk : now.lesson === body.dataset.lesson;
  if (here) location.reload();
  else byId("other").hidden = false;
}

function listen() {
  hush();
  source = new EventSource(body.dataset.events);
  source.onmessage = (event) => {
    clearTimeout(silence);
    silence = setTimeout(listen, SILENCE); // a laptop slept, or the line is dead
    hear(JSON.parse(event.data));
  };
  source.onerror = () => {
    hush();
    byId("gone").hidden = false;
    silence = setTimeout(listen, AGAIN);
  };
}

function hush() {
  source?.close();
  clearTimeout(silence);
}

// The learner's app in a frame. Its pages are another site's: only their address is ours.

const frame = byId("preview"), address = byId("show"), see = byId("see");
// The frame is as new as the page that came with it: a save since then loads it anew.
let saves = byId("app")?.dataset.saves, loaded = 0, met = newest();

function go(path) {
  met = newest();
  address.value = path.startsWith("/") ? path : `/${path}`;
  byId("out").href = frame.src = new URL(byId("address").dataset.app).origin + address.value;
}

function showApp() {
  const { state, forbids, saves: now } = byId("app").dataset;
  byId("frame").hidden = forbids !== "" || state === "has ended";
  if (state !== "runs" || saves === now) return;
  if (see.open && forbids === "") go(address.value);
  saves = now;
}

// The number of the last request that is shown. What was there before is another page's.
function newest() {
  return Number(document.querySelector(".requests tr[data-number]")?.dataset.number ?? 0);
}

// A frame does not say where a link has led it; the newest request that the app met does.
function showAddress() {
  if (Date.now() - loaded > 2000 || document.activeElement === address) return;
  for (const row of document.querySelectorAll(".requests tr[data-number]")) {
    if (Number(row.dataset.number) <= met) return;
    const path = row.querySelector("code").textContent.replace(/^\S+ /, "");
    if (/^\/static\/|\.(css|js|svg|png|jpe?g|ico|webp)$/.test(path)) continue;
    met = Number(row.dataset.number);
    address.value = path;
    byId("out").href = new URL(path, byId("address").dataset.app);
    return;
  }
}

function openApp(link) {
  if (byId("frame").hidden || !besides.matches) return false; // a tab keeps the place
  see.open = true;
  go(link.pathname + link.search + link.hash);
  see.scrollIntoView({ block: "nearest" });
  return true;
}

// Buttons, links and keys.

async function send(form, button) {
  const fields = new FormData(form, button);
  const headers = { "X-Desk-Token": fields.get("token") };
  const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams(fields) });
  if (answer.ok) place(await answer.text());
  else location.reload();
}

function decorate(root) {
  for (const code of root.querySelectorAll("pre.code > code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.onclick = async () => {
      const lines = code.textContent.trimEnd().split("\n");
      const typed = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
      await navigator.clipboard.writeText((typed.length ? typed : lines).join("\n"));
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    };
    const box = document.createElement("div");
    box.className = "copied";
    code.parentElement.replaceWith(box);
    box.append(code.parentElement, button);
  }
}

function press(event) {
  const field = event.target.closest("input, textarea, select, dialog");
  // A dialog that has just been closed keeps the focus until the page is drawn again.
  const typed = field && !field.closest("dialog:not([open])");
  if (typed || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("keys") === "off" && event.key !== "?") return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "?") byId("keys").showModal();
  else if (event.key === "r" && see) see.open = true, go(address.value);
  else if (target?.tagName === "INPUT") (see.open = true), target.focus(), target.select();
  else if (target) target.click();
  else return;
  event.preventDefault();
}

function wire() {
  document.addEventListener("keydown", press);
  const button = byId("keys-button"), on = byId("keys-on");
  button.hidden = false;
  button.onclick = () => byId("keys").showModal();
  on.checked = localStorage.getItem("keys") !== "off";
  on.onchange = () => localStorage.setItem("keys", on.checked ? "on" : "off");
  decorate(document);
}

function wireDesk() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "address" && form.method !== "post") return;
    event.preventDefault();
    if (form.id === "address") go(address.value);
    else send(form, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.to-app");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link && plain && openApp(link)) event.preventDefault();
  });
  byId("again").hidden = false;
  byId("again").onclick = () => go(address.value);
  frame.onload = () => (loaded = Date.now()) && soon("log");
  see.open ||= besides.matches;
  byId("log-fold").ontoggle = scrollLog;
  tell();
}

wire();
if (isDesk) wireDesk();
if (body.dataset.events) {
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  addEventListener("pagehide", hush); // no line is left behind, and the page can come back
  addEventListener("pageshow", (event) => event.persisted && listen());
  if (!document.hidden) listen();
}
