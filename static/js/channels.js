/* Suggestions beside fields: one press takes one over, or all that are there. Nothing is saved by it. */

const buttons = [...document.querySelectorAll("[data-accept]")];
const all = document.querySelector("[data-accept-all]");

function accept(button) {
  const field = document.getElementById(button.dataset.accept);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  button.closest(".suggestion").hidden = true;
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    accept(button);
    document.getElementById(button.dataset.accept).focus();
  });
}

if (all && buttons.length > 1) {
  all.hidden = false;
  all.addEventListener("click", () => {
    buttons.filter((button) => !document.getElementById(button.dataset.accept).value).forEach(accept);
    all.hidden = true;
  });
}
