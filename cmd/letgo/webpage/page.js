"use strict";
(() => {
  const all = [...document.querySelectorAll(".f")];
  const field = (id) => document.getElementById(id);
  const filters = ["verdict", "shape", "package", "text"].map(field);
  let at = -1;

  // What is searched: the text of a finding, read once.
  const texts = new Map();
  const textOf = (f) => {
    if (!texts.has(f)) texts.set(f, f.textContent.toLowerCase());
    return texts.get(f);
  };

  const visible = () => all.filter((f) => !f.hidden);

  function show() {
    const [verdict, shape, pkg, text] = filters.map((f) => f.value);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const f of all) {
      const s = f.dataset.s;
      f.hidden = !(
        (!verdict || f.dataset.v === verdict) &&
        (!shape || (shape === "-" ? !s : shape === "+" ? s : s === shape)) &&
        (!pkg || f.dataset.p === pkg) &&
        words.every((w) => textOf(f).includes(w))
      );
    }
    for (const h of document.querySelectorAll("main h2")) {
      let next = h.nextElementSibling;
      while (next && next.hidden) next = next.nextElementSibling;
      h.hidden = !next || next.tagName === "H2";
    }
    const n = visible().length;
    field("count").textContent = n === all.length ? `${n} findings` : `${n} of ${all.length} findings`;
  }

  function go(step) {
    const list = visible();
    if (!list.length) return;
    const i = list.indexOf(all[at]);
    const next = list[i < 0 ? 0 : Math.min(Math.max(i + step, 0), list.length - 1)];
    if (all[at]) all[at].classList.remove("at");
    at = all.indexOf(next);
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("summary").focus({ preventScroll: true });
  }

  async function copy(button) {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  // Answers are kept in the browser, for this page alone.
  const key = "letgo " + location.pathname;
  let answers = {};
  try { answers = JSON.parse(localStorage.getItem(key)) || {}; } catch {}

  function answered(box) {
    const set = box.closest("fieldset");
    set.classList.toggle("done", [...set.querySelectorAll("input")].every((b) => b.checked));
  }

  // An answer belongs to the question as it is worded, not to its number.
  const question = (box) => box.closest(".f").querySelector(".where").textContent + " " + box.parentElement.textContent;

  for (const box of document.querySelectorAll("fieldset input")) {
    box.checked = answers[question(box)] === true;
    answered(box);
    box.addEventListener("change", () => {
      answers[question(box)] = box.checked;
      answered(box);
      try { localStorage.setItem(key, JSON.stringify(answers)); } catch {}
    });
  }

  // A line that stays is in the page once: it is put beside itself when it is looked at.
  for (const f of all) {
    f.addEventListener("toggle", () => {
      for (const tr of f.querySelectorAll(".diff tr:not([class])")) {
        if (tr.cells.length === 3) tr.append(tr.cells[1].cloneNode(true));
      }
    });
  }

  for (const f of filters) f.addEventListener("input", show);
  field("filters").addEventListener("submit", (e) => e.preventDefault());
  field("keys").addEventListener("click", (e) => {
    field("help").hidden = !field("help").hidden;
    e.target.setAttribute("aria-expanded", String(!field("help").hidden));
  });
  document.addEventListener("click", (e) => {
    if (e.target.classList.contains("copy")) copy(e.target);
  });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") {
      for (const f of filters) f.value = "";
      document.activeElement.blur();
      show();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && e.target.type !== "checkbox") return;
    const f = all[at];
    const does = {
      j: () => go(1),
      k: () => go(-1),
      o: () => { if (f) f.open = !f.open; },
      c: () => { if (f) copy(f.querySelector(".copy")); },
      "/": () => field("text").focus(),
      "?": () => field("keys").click(),
    }[e.key];
    if (does) {
      e.preventDefault();
      does();
    }
  });
  show();
})();
