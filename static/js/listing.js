/* Suggestions fill empty fields that nobody has touched; what a person typed or chose stays. */

const form = document.querySelector("[data-listing]");
const actions = document.querySelector("[data-action-form]");
const memory = form.elements.namedItem("touched");
const touched = new Set(memory.value.split(" ").filter(Boolean)); // also what was touched before a refused save
const shown = new Map();
const TEXTS = ["category", "pattern", "name_ko", "name_en"];
const chosenColours = form.querySelector("[data-chosen-colours]");
const palette = form.querySelector("[data-palette]");
const sizes = form.querySelector("[data-sizes]");
const runOf = JSON.parse(sizes.dataset.runOfCategory);
const startedWithColours = Boolean(form.querySelector("[data-stored-colours]"));

const field = (name) => form.elements.namedItem(name);

/* ---- what the person does ---- */
function note(event) {
  if (!event.isTrusted || !event.target.name) return;
  touched.add(event.target.name.replace(/_pick$/, ""));
  memory.value = [...touched].join(" ");
}

form.addEventListener("input", note);
form.addEventListener("change", (event) => {
  note(event);
  const { pick } = event.target.dataset;
  if (pick) {
    set(field(pick), event.target.value);
    if (pick === "category") presetRun(runOf[event.target.value]);
    return;
  }
  if (event.target.name === "category" || event.target.name === "pattern") unpick(event.target);
  if (event.target.name === "category" && event.isTrusted) presetRun(runOf[event.target.value]);
});

function unpick(select) {
  for (const radio of form.querySelectorAll(`[data-pick="${select.name}"]`)) radio.checked = radio.value === select.value;
}

/* ---- what the photos say ---- */
function set(control, value) {
  control.value = value;
  control.dataset.filled = value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function fillTexts(values) {
  for (const name of TEXTS) {
    const control = field(name);
    const value = String(values[name] ?? ""); // empty once the photo that said it was removed
    const ours = !control.value || control.value === control.dataset.filled;
    if (touched.has(name) || "stored" in control.dataset || !ours || control.value === value) continue;
    set(control, value);
    flash(control);
  }
}

function fillColours(ids) {
  if (touched.has("colours") || startedWithColours) return;
  const wanted = (ids ?? []).map(String);
  for (const chip of form.querySelectorAll("[data-colour]")) {
    const box = chip.querySelector("input");
    const suggested = wanted.includes(chip.dataset.colour);
    if (box.checked !== suggested) flash(chip);
    box.checked = suggested;
    if (!suggested && chip.parentElement === chosenColours) palette.append(chip);
  }
  for (const id of wanted) {
    const chip = form.querySelector(`[data-colour="${id}"]`);
    if (chip) chosenColours.append(chip);
  }
}

function presetRun(run) {
  if (!run || touched.has("size_run") || touched.has("sizes")) return;
  const radio = form.querySelector(`[name=size_run][value="${run}"]`);
  if (!radio || radio.checked) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

function flash(element) {
  element.classList.remove("just-filled");
  requestAnimationFrame(() => element.classList.add("just-filled"));
}

/* ---- parts of the page that changed are put in place; the others are left alone ---- */
function place(template) {
  const name = template.dataset.for;
  const html = template.innerHTML;
  const part = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
  if (!part || shown.get(name) === html) return;
  const first = !shown.has(name);
  shown.set(name, html);
  if (first && part.innerHTML.trim() === html.trim()) return;
  part.replaceChildren(template.content.cloneNode(true));
  for (const select of form.querySelectorAll("select[data-suggest]")) unpick(select);
}

function apply(source) {
  for (const template of source.querySelectorAll("template[data-for]")) place(template);
  const values = JSON.parse(source.dataset.values);
  fillTexts(values);
  fillColours(values.colours);
  if (!("stored" in sizes.dataset)) presetRun(values.size_run);
}

document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.id === "suggestions") apply(event.detail.elt);
});

const first = document.getElementById("suggestions");
const known = JSON.parse(first.dataset.values);
for (const name of TEXTS) {
  const control = field(name);
  if (control.value && control.value === String(known[name] ?? "")) control.dataset.filled = control.value;
}
for (const template of first.querySelectorAll("template[data-for]")) place(template);

/* ---- adding and removing photos ---- */
actions.addEventListener("htmx:configRequest", (event) => {
  // htmx overlooks the button that was pressed when it stands outside the form and came by script.
  const submitter = event.detail.triggeringEvent?.submitter;
  if (submitter?.name) event.detail.parameters[submitter.name] = submitter.value;
});
document.querySelector("[data-add-photos]").addEventListener("change", (event) => {
  if (event.target.files.length) actions.requestSubmit();
});
actions.addEventListener("htmx:afterRequest", () => {
  document.querySelector("[data-add-photos]").value = "";
});
