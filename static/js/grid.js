/* The colour x size grid: totals and the button's words while typing, arrows and Enter, paste from a spreadsheet.
   Without this script the cells are plain inputs and the server does the sums.
   <form data-entry> holds [data-grid] > table, input.cell, [data-submit]; the words of the button come from
   [data-words], whose data-none, data-one and data-many hold "%(n)s" for the count. With [data-decimals] the cells are
   measures with one decimal. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const show = new Intl.NumberFormat(document.documentElement.lang || "ko");
  const cells = (root = form) => [...root.querySelectorAll("input.cell")];

  /** The whole number in a cell, null for a blank one, NaN for what the server will refuse. */
  function read(cell) {
    const text = cell.value.normalize("NFKC").trim();
    if (text === "") return null;
    if ("decimals" in form.dataset) return /^\d{1,3}([.,]\d)?$/.test(text) ? Number(text.replace(",", ".")) : NaN;
    const plain = /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text;
    return /^\d{1,7}$/.test(plain) && Number(plain) <= 1e6 ? Number(plain) : NaN;
  }

  const sum = (list) => list.reduce((total, cell) => total + (read(cell) || 0), 0);
  const write = (place, number) => {
    if (place) place.textContent = number ? show.format(number) : "–";
  };

  function totalsOf(grid) {
    const rows = [...grid.querySelectorAll("tbody tr")];
    rows.forEach((row) => write(row.querySelector("[data-total]"), sum(cells(row))));
    grid.querySelectorAll("tfoot [data-column]").forEach((place) => {
      const column = rows.map((row) => row.cells[Number(place.dataset.column)]?.querySelector("input.cell"));
      write(place, sum(column.filter(Boolean)));
    });
    write(grid.querySelector("tfoot [data-total]"), sum(cells(grid)));
  }

  const mode = () => form.querySelector("input[data-words]:checked") || form.querySelector("[data-words]");
  const isCount = () => mode().dataset.words === "cells";

  /** Beside the number in the book: what a count will change it by. */
  function showDifference(cell, counting) {
    const note = cell.parentElement.querySelector(".cell-note");
    note.dataset.words ??= note.textContent;
    const change = (counting && read(cell) !== null ? read(cell) : NaN) - Number(cell.dataset.now);
    const sign = change > 0 ? "+" : "−";
    note.textContent = change ? `${note.dataset.words} · ${sign}${show.format(Math.abs(change))}` : note.dataset.words;
  }

  /** A cell may count packs: data-pieces says of how many pieces each. */
  const pieces = (cell) => (read(cell) || 0) * Number(cell.dataset.pieces || 1);

  function words() {
    const typed = cells().filter((cell) => read(cell) !== null && !Number.isNaN(read(cell)));
    const n = isCount() ? typed.length : typed.reduce((total, cell) => total + pieces(cell), 0);
    const { none, one, many } = mode().dataset;
    const pattern = n === 0 ? none : n === 1 ? one : many;
    return pattern.replace("%(n)s", show.format(n));
  }

  function refresh() {
    form.querySelectorAll("[data-grid]").forEach(totalsOf);
    form.querySelectorAll("input.cell[data-now]").forEach((cell) => showDifference(cell, isCount()));
    const button = form.querySelector("[data-submit] [data-label]");
    if (button) button.textContent = words();
    const empty = form.querySelector("[data-empty]");
    if (empty) empty.hidden = cells().length > 0;
  }

  function mark(cell) {
    const number = read(cell);
    const wrong = Number.isNaN(number) || (cell.dataset.most !== undefined && number > Number(cell.dataset.most));
    cell.toggleAttribute("aria-invalid", wrong);
    cell.closest("td").classList.toggle("has-error", wrong);
    if (!wrong) cell.parentElement.querySelector(".error")?.remove();
  }

  /** The input `down` rows and `right` columns away in the same grid, passing over sizes that do not exist. */
  function neighbour(cell, down, right) {
    const table = cell.closest("table");
    let row = cell.closest("tr").rowIndex;
    let column = cell.closest("td").cellIndex;
    for (;;) {
      row += down;
      column += right;
      const place = table.tBodies[0].rows[row - 1]?.cells[column];
      if (!place || (right && place.hasAttribute("data-total"))) return null;
      const found = place.querySelector("input.cell");
      if (found) return found;
    }
  }

  /** Enter runs down a column, then to the top of the next one, then to the next product. */
  function after(cell, back) {
    const column = (place) => place.closest("td").cellIndex;
    const grid = cells(cell.closest("table"));
    const order = [...grid].sort((a, b) => column(a) - column(b));
    const next = order[order.indexOf(cell) + (back ? -1 : 1)];
    const all = cells();
    return next || (back ? null : all[all.indexOf(grid.at(-1)) + 1]);
  }

  function go(cell) {
    if (!cell) return false;
    cell.focus();
    cell.select();
    return true;
  }

  function move(event) {
    const cell = event.target;
    if (!cell.matches?.("input.cell") || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const atStart = cell.selectionStart === 0;
    const atEnd = cell.selectionEnd === cell.value.length;
    const steps = {
      ArrowUp: () => go(neighbour(cell, -1, 0)),
      ArrowDown: () => go(neighbour(cell, 1, 0)),
      ArrowLeft: () => atStart && go(neighbour(cell, 0, -1)),
      ArrowRight: () => atEnd && go(neighbour(cell, 0, 1)),
      Enter: () => go(after(cell, event.shiftKey)) || form.querySelector("[data-submit]").focus() || true,
    };
    if (steps[event.key]?.()) event.preventDefault();
    else if (event.key === "Enter" || event.key === "ArrowUp" || event.key === "ArrowDown") event.preventDefault();
  }

  function paste(event) {
    const cell = event.target;
    if (!cell.matches?.("input.cell")) return;
    const text = event.clipboardData.getData("text").replace(/\r?\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const block = text.split(/\r?\n/).map((line) => line.split("\t"));
    const table = cell.closest("table").tBodies[0];
    const top = cell.closest("tr").sectionRowIndex;
    const left = cell.closest("td").cellIndex;
    let lost = 0;
    block.forEach((line, down) =>
      line.forEach((value, right) => {
        const target = table.rows[top + down]?.cells[left + right]?.querySelector("input.cell");
        if (target && !target.readOnly) {
          target.value = value.trim();
          mark(target);
        } else if (value.trim()) lost += 1;
      }),
    );
    cell.dispatchEvent(new Event("input", { bubbles: true }));
    const say = form.querySelector("[data-scan-status]");
    if (say && lost) say.textContent = say.dataset.lost.replace("%(n)s", show.format(lost));
  }

  form.addEventListener("keydown", move);
  form.addEventListener("paste", paste);
  form.addEventListener("focusin", (event) => event.target.matches("input.cell") && event.target.select());
  form.addEventListener("input", (event) => {
    if (event.target.matches("input.cell")) mark(event.target);
    refresh();
  });
  form.addEventListener("grid:changed", refresh);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    button.closest("[data-grid]").remove();
    refresh();
    form.querySelector("[data-scan]")?.focus();
  });
  form.addEventListener("change", (event) => {
    const again = form.querySelector("[data-refresh]");
    if (again && event.target.matches("[data-reload]")) form.requestSubmit(again);
  });

  window.addEventListener("pageshow", refresh);
  refresh();
})();
