// The page without reloads: results follow what is typed and chosen, and the address follows them.
// Without this file everything works by links and one form.

import { suggestInto } from "./suggesting.js";

const TYPING_MS = 300;
const form = document.getElementById("search");
const box = document.getElementById("q");
const state = document.getElementById("status");
let asked; // what the newest request can be given up by
let waiting; // the timer of what is being typed

function addressOfForm() {
  const pairs = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(pairs).toString();
  return query ? `/?${query}` : "/";
}

// typing: replaces the entry of the history that earlier letters made, so that Back leads out of the word.
function go(address, { typing = false, focus = "" } = {}) {
  clearTimeout(waiting);
  if (history.state?.typing) history.replaceState({ typing }, "", address);
  else if (address !== location.pathname + location.search) history.pushState({ typing }, "", address);
  return show(address, focus);
}

async function show(address, focus = "") {
  asked?.abort();
  asked = new AbortController();
  const live = document.getElementById("live");
  live.setAttribute("aria-busy", "true");
  let text;
  try {
    const answer = await fetch(address, { signal: asked.signal });
    text = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  const found = new DOMParser().parseFromString(text, "text/html");
  const fresh = found.getElementById("live");
  // A page of another kind, such as an error: as a page of its own.
  if (!fresh || found.getElementById("search")?.dataset.index !== form.dataset.index) {
    location.replace(address);
    return;
  }
  const held = place(document.activeElement);
  const open = [...live.querySelectorAll("details[data-key][open]")].map((one) => one.dataset.key);
  live.replaceWith(document.adoptNode(fresh));
  for (const key of open) {
    fresh.querySelector(`details[data-key="${CSS.escape(key)}"]`)?.setAttribute("open", "");
  }
  const filters = document.getElementById("show-filters");
  const freshFilters = found.getElementById("show-filters");
  if (filters && freshFilters) filters.disabled = freshFilters.disabled;
  for (const hidden of form.querySelectorAll("input[type=hidden]")) hidden.remove();
  for (const hidden of found.querySelectorAll("#search input[type=hidden]")) form.prepend(document.adoptNode(hidden));
  if (document.activeElement !== box) box.value = found.getElementById("q").value;
  document.title = found.title;
  state.textContent = found.getElementById("status").textContent;
  if (focus) focusOn(focus);
  else held?.();
}

// How to find the focused control again among new ones.
function place(element) {
  if (!element?.closest?.("#live")) return null;
  const { name, value, id } = element;
  return () => {
    const same = [...document.querySelectorAll("#live input, #live select, #live button")].find((one) =>
      name ? one.name === name && (one.type !== "checkbox" || one.value === value) : id && one.id === id,
    );
    (same ?? document.getElementById("results"))?.focus({ preventScroll: true });
  };
}

function focusOn(id) {
  const target = document.getElementById(id);
  target?.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

form.addEventListener("submit", (event) => {
  if (document.getElementById("index") && document.getElementById("index").value !== form.dataset.index) return;
  event.preventDefault();
  go(addressOfForm());
});

document.addEventListener("change", (event) => {
  const control = event.target;
  if (control.id === "index") {
    // Another shop has other choices.
    location.assign(`/?${new URLSearchParams({ index: control.value, ...(box.value && { q: box.value }) })}`);
  } else if (control.form === form && control !== box && control.closest("#live")) {
    if (form.reportValidity()) go(addressOfForm());
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#live a[href^='/']");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  box.value = new URLSearchParams(address.slice(2)).get("q") ?? "";
  go(address, { focus: "results" });
});

addEventListener("popstate", () => {
  clearTimeout(waiting);
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  show(location.pathname + location.search);
});

// Errors of pictures do not bubble, so they are caught on their way down.
document.addEventListener(
  "error",
  (event) => event.target instanceof HTMLImageElement && event.target.classList.add("failed"),
  true,
);
for (const image of document.images) if (image.complete && !image.naturalWidth) image.classList.add("failed");

box.addEventListener("input", (event) => {
  clearTimeout(waiting);
  if (event.isComposing) return;
  // As it is now: the box may show a suggestion by then.
  const address = addressOfForm();
  waiting = setTimeout(() => go(address, { typing: true }), TYPING_MS);
});

suggestInto(box, document.getElementById("suggestions"), form.dataset.index, {
  search: () => go(addressOfForm()),
  within: (category) => {
    const pairs = { ...(document.getElementById("index") && { index: form.dataset.index }), q: box.value };
    go(`/?${new URLSearchParams({ ...pairs, "refine.category": category })}`);
  },
});
