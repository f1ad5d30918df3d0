// Keys and the warning about what is not handed in yet. The office works without it.
"use strict";
(() => {
  const typing = (at) => at.closest("input, select, textarea, [contenteditable]") !== null;
  const keys = document.getElementById("keys");

  // j and k walk through the rows of a list, or the steps of a case.
  const rows = () => [...document.querySelectorAll("tbody th a, .next summary")].filter((row) => row.offsetParent !== null);
  const walk = (by) => {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (to) to.focus();
  };
  const press = {
    "?": () => (keys && keys.showModal ? keys.showModal() : location.assign("/office/keys")),
    "/": () => {
      const search = document.querySelector("main input[type=search]");
      if (search) search.focus();
      else location.assign("/office/cases");
    },
    j: () => walk(1),
    k: () => walk(-1),
    n: () => document.querySelector("a[rel=next]")?.click(),
    p: () => document.querySelector("a[rel=prev]")?.click(),
    t: () => location.assign("/office"),
    c: () => location.assign("/office/cases"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
    if (keys && keys.open) return;
    const act = press[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // What was typed into a form and not handed in.
  const unsaved = new Set();
  const told = (form, on) => {
    let mark = form.querySelector(":scope > .unsaved");
    if (on && !mark) {
      mark = document.createElement("p");
      mark.className = "chip soon unsaved";
      mark.setAttribute("role", "status");
      mark.textContent = "未保存";
      form.append(mark);
    } else if (!on && mark) mark.remove();
  };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || form.method !== "post" || form.closest(".login")) return;
    unsaved.add(form);
    told(form, true);
  });
  document.addEventListener("submit", (event) => {
    unsaved.delete(event.target);
    told(event.target, false);
    if (unsaved.size === 0) return;
    // Another form still holds something: the browser asks below.
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size > 0) event.preventDefault();
  });
})();
