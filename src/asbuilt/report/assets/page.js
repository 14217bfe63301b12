"use strict";
(() => {
  const chapter = document.querySelector("#chapter");
  const totals = [...document.querySelectorAll(".total")];
  const rows = [...document.querySelectorAll(".row[data-claims]")];

  let last = null;

  const isWanted = (entry) =>
    (!chapter.value || entry.dataset.chapter === chapter.value) &&
    totals.some((t) => t.dataset.verdict === entry.dataset.verdict && t.getAttribute("aria-pressed") === "true");

  const isFiltered = () => chapter.value || totals.some((t) => t.getAttribute("aria-pressed") === "false");

  const apply = () => {
    for (const row of rows) {
      let shown = 0;
      for (const entry of row.querySelectorAll(".evidence")) {
        entry.hidden = !isWanted(entry);
        shown += entry.hidden ? 0 : 1;
      }
      row.querySelector(".chip").style.visibility = shown ? "visible" : "hidden";
      row.classList.toggle("dim", !shown);
    }
    const left = rows.filter((row) => !row.classList.contains("dim")).length;
    document.querySelector("#shown").textContent = isFiltered() ? `${left} ${left === 1 ? "line promises" : "lines promise"} something of this kind` : "";
  };

  const toggle = (row, open) => {
    const more = row.querySelector(".more");
    more.hidden = open === undefined ? !more.hidden : !open;
    row.querySelector(".chip").setAttribute("aria-expanded", String(!more.hidden));
  };

  document.addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (chip) toggle(chip.closest(".row"));
    const total = event.target.closest(".total");
    if (total) {
      total.setAttribute("aria-pressed", String(total.getAttribute("aria-pressed") !== "true"));
      apply();
    }
  });
  chapter.addEventListener("change", apply);
  document.querySelector("#next")?.addEventListener("click", () => {
    const open = rows.filter((row) => row.querySelector(".evidence:is(.broken, .unknown):not([hidden])"));
    if (!open.length) return;
    last = open.find((row) => rows.indexOf(row) > rows.indexOf(last)) || open[0];
    toggle(last, true);
    last.scrollIntoView({ block: "center" });
    last.querySelector(".chip").focus({ preventScroll: true });
  });
  apply();
})();
