/* A click on a small photo shows it large; without this script the link opens it. */

const gallery = document.querySelector("[data-gallery]");

gallery?.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-photo]");
  if (!chosen || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const hero = gallery.querySelector("[data-hero]");
  hero.href = chosen.dataset.original;
  hero.classList.toggle("is-cutout", chosen.classList.contains("is-cutout"));
  hero.querySelector("img").src = chosen.href;
  for (const photo of gallery.querySelectorAll("[data-photo]")) photo.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "true");
});
