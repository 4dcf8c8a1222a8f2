/* The sizes of the chosen run are shown; the server takes only these anyway. */

const section = document.querySelector("[data-sizes]");

function showRun() {
  const chosen = section.querySelector("[name=size_run]:checked")?.value;
  for (const sizes of section.querySelectorAll("[data-run]")) sizes.hidden = sizes.dataset.run !== chosen;
}

section.addEventListener("change", (event) => {
  if (event.target.name === "size_run") showRun();
});
showRun();
