// Suggestions under the search box: a combobox with a list, as WAI-ARIA's patterns have it. The focus stays in the box.

const PAUSE_MS = 120;
const LIMIT = 5;

export function suggestInto(box, list, index, { search, within }) {
  let asked, waiting;
  let active = -1;
  let typed = box.value;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    clearTimeout(waiting);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    mark(-1);
    box.setAttribute("aria-expanded", "false");
  }

  function mark(number) {
    active = number;
    const all = options();
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    if (number < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", all[number].id);
      all[number].scrollIntoView({ block: "nearest" });
    }
  }

  function take(option) {
    const { q, category } = option.dataset;
    box.value = typed = q;
    close();
    if (category) within(category);
    else search();
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const query = new URLSearchParams({ q: box.value, limit: LIMIT });
    try {
      const answer = await fetch(`/v1/indexes/${encodeURIComponent(index)}/suggest?${query}`, { signal: asked.signal });
      if (answer.ok) fill(await answer.json());
      else close();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  function fill(found) {
    if (document.activeElement !== box) return;
    list.replaceChildren();
    const groups = [
      ["Searches", found.completions.map((one) => ({ q: one.text, label: one.text, count: one.count }))],
      [`Categories for “${found.query}”`, found.query ? found.categories.slice(0, 3).map((one) => ({ q: found.query, category: one.value, label: one.value, count: one.count })) : []],
      ["Products", found.q ? found.products.slice(0, 3).map((one) => product(one.document)) : []],
    ];
    let number = 0;
    for (const [name, entries] of groups) {
      if (!entries.length) continue;
      const group = element("div", { role: "group", "aria-label": name });
      group.append(element("div", { role: "presentation", "aria-hidden": "true" }, name));
      for (const { label, count, q, category = "" } of entries) {
        const option = element("div", { role: "option", id: `suggestion-${number++}`, "aria-selected": "false" });
        Object.assign(option.dataset, { q, category });
        option.append(element("span", {}, label));
        if (count !== undefined) option.append(element("span", { class: "count" }, String(count)));
        group.append(option);
      }
      list.append(group);
    }
    list.hidden = !number;
    box.setAttribute("aria-expanded", String(number > 0));
    mark(-1);
  }

  function product({ title = "", price }) {
    const text = typeof title === "string" ? title : (Object.values(title)[0] ?? "");
    return { q: text, label: text, count: price?.text };
  }

  box.addEventListener("input", (event) => {
    typed = box.value;
    clearTimeout(waiting);
    if (event.isComposing) return;
    if (box.value.trim()) waiting = setTimeout(ask, PAUSE_MS);
    else close();
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) {
        if (box.value.trim()) ask();
        return;
      }
      // Behind the last one comes what was typed, and then the first again.
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = ((active + 1 + step + all.length + 1) % (all.length + 1)) - 1;
      mark(next);
      box.value = next < 0 ? typed : all[next].dataset.q;
    } else if (event.key === "Escape") {
      if (list.hidden) return;
      event.preventDefault();
      box.value = typed;
      close();
    } else if (event.key === "Enter") {
      if (!list.hidden && active >= 0) {
        event.preventDefault();
        take(all[active]);
      } else {
        close();
      }
    } else if (event.key === "Tab") {
      close();
    }
  });

  box.addEventListener("blur", close);
  // The box keeps the focus while the list is clicked.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

// Texts are set as texts: whatever a product is called, it is no HTML.
function element(tag, attributes, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
