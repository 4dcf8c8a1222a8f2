/* Chosen photos are shown at once; more can be added and each can be left out before they are sent. */

function setUp(zone) {
  const input = zone.querySelector("input[type=file]");
  const list = zone.querySelector("[data-picked]");
  const form = zone.closest("form");
  let picked = [];

  function same(a, b) {
    return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
  }

  function add(files) {
    for (const file of files) {
      if (!picked.some((other) => same(other, file))) picked.push(file);
    }
    refresh();
  }

  function refresh() {
    const transfer = new DataTransfer();
    for (const file of picked) transfer.items.add(file);
    input.files = transfer.files;
    list.hidden = picked.length === 0;
    list.replaceChildren(...picked.map(draw));
    zone.classList.toggle("has-photos", picked.length > 0);
    label();
  }

  function draw(file) {
    const item = document.createElement("li");
    item.className = "picked-item";
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => image.remove());
    const name = document.createElement("span");
    name.className = "picked-name";
    name.textContent = file.name;
    item.append(image, name);
    if (file.size > Number(zone.dataset.maxBytes)) {
      const note = document.createElement("span");
      note.className = "error";
      note.textContent = zone.dataset.tooLarge;
      item.append(note);
    }
    item.append(remover(file));
    return item;
  }

  function remover(file) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-s btn-icon picked-remove";
    button.setAttribute("aria-label", `${zone.dataset.remove}: ${file.name}`);
    button.textContent = "×";
    button.addEventListener("click", () => {
      picked = picked.filter((other) => other !== file);
      refresh();
      input.focus();
    });
    return button;
  }

  function label() {
    const button = form.querySelector("[data-many]");
    if (!button) return;
    button.dataset.none ??= button.textContent;
    const words = [button.dataset.none, button.dataset.one][picked.length] ?? button.dataset.many;
    button.textContent = words.replace("#", picked.length);
  }

  input.addEventListener("change", () => {
    // An empty choice means that the dialog was closed: what was picked before stays.
    add([...input.files]);
  });
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      if (kind === "drop" || !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
    });
  }
  zone.addEventListener("drop", (event) => add([...event.dataTransfer.files]));
}

document.querySelectorAll("[data-dropzone]").forEach(setUp);

/* ---- sending ---- */
const form = document.querySelector("[data-upload]");

form?.addEventListener("htmx:beforeSend", () => {
  const bar = form.querySelector("[data-upload-progress]");
  bar.value = 0;
  bar.hidden = false;
  form.querySelector("[data-upload-note]").textContent = form.querySelector("[data-sending]").dataset.sending;
});
form?.addEventListener("htmx:xhr:progress", (event) => {
  if (event.detail.lengthComputable) {
    form.querySelector("[data-upload-progress]").value = (100 * event.detail.loaded) / event.detail.total;
  }
});
form?.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status === 200) return; // the listing comes next
  form.querySelector("[data-upload-progress]").hidden = true;
  form.querySelector("[data-upload-note]").textContent = "";
});
