/* The money of an order while it is typed: pieces times the price of their product, packs at their own price.
   <form data-money data-currency> holds grids with [data-price] and cells; [data-sum] shows it, [data-pay-all] takes it
   over as paid. Also the print button of the pick list. Without this script the server does the sums. */
(() => {
  "use strict";

  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

  const form = document.querySelector("form[data-money]");
  if (!form) return;
  const place = form.querySelector("[data-sum]");
  const show = new Intl.NumberFormat(document.documentElement.lang || "ko", {
    style: "currency",
    currency: form.dataset.currency,
    currencyDisplay: "narrowSymbol",
  });
  const digits = show.resolvedOptions().maximumFractionDigits;

  const number = (text) => Number(text.normalize("NFKC").replace(/[^\d.]/g, "")) || 0;
  const priceOf = (product) => number(form.querySelector(`[data-grid="${product}"] [data-price]`)?.value || "");

  function total() {
    let sum = 0;
    form.querySelectorAll("input.cell").forEach((cell) => {
      const n = number(cell.value);
      if (!cell.dataset.packOf) sum += n * priceOf(cell.closest("[data-grid]").dataset.grid);
      else if (cell.dataset.packPrice) sum += n * Number(cell.dataset.packPrice);
      else sum += n * Number(cell.dataset.pieces) * priceOf(cell.dataset.packOf);
    });
    return sum;
  }

  const refresh = () => {
    place.textContent = show.format(total());
  };

  form.addEventListener("input", refresh);
  form.addEventListener("grid:changed", refresh);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove]")) setTimeout(refresh);
    if (!event.target.closest("[data-pay-all]")) return;
    const paid = form.querySelector("input[name=paid]");
    paid.value = total().toFixed(digits);
    paid.dispatchEvent(new Event("input", { bubbles: true }));
  });
  window.addEventListener("pageshow", refresh);
  refresh();
})();
