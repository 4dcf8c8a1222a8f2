/* Copies what a field holds. Without the right to (no HTTPS) it is marked, and the person copies it. */

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  let copied = true;
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    copied = document.execCommand("copy");
  }
  const text = copied ? button.dataset.copied : button.dataset.notCopied;
  document.dispatchEvent(new CustomEvent("jangbu:toast", { detail: { text, level: copied ? "success" : "warning" } }));
});
