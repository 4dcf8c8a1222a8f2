/* The scanner field of an entry: a code and Enter count one up in its cell, fetching the product's grid when it is not
   on the page yet; words list the products they fit. A scanner that types into a cell is recognised by its speed. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-entry]");
  const field = form?.querySelector("[data-scan]");
  if (!field) return;
  const status = form.querySelector("[data-scan-status]");
  const offers = form.querySelector("[data-scan-offers]");
  const grids = form.querySelector("[data-grids]");
  const sound = form.querySelector("[data-sound]");
  const KEY = "jangbu.scan.sound";

  let audio;
  function beep(frequency, seconds) {
    if (!sound?.checked) return;
    audio ||= new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  }

  function say(text, wrong) {
    status.textContent = text;
    status.classList.toggle("is-wrong", Boolean(wrong));
    beep(wrong ? 220 : 880, wrong ? 0.35 : 0.08);
  }

  const bare = (text) => text.normalize("NFKC").trim().toLowerCase();

  function cellOf(code) {
    const wanted = bare(code);
    const fits = (cell) => bare(cell.dataset.sku) === wanted || (cell.dataset.barcode && cell.dataset.barcode === wanted);
    const found = [...grids.querySelectorAll("input.cell")].filter(fits);
    // Of the same variant on two lines, the one that still wants pieces.
    return found.find((cell) => Number(cell.value) < Number(cell.dataset.most ?? Infinity)) || found[0];
  }

  function countUp(cell) {
    if (cell.readOnly) return say(cell.dataset.done || cell.getAttribute("aria-label"), true);
    const now = Number(cell.value.trim() || 0);
    if (!Number.isInteger(now)) {
      cell.focus();
      return say(status.dataset.mend.replace("%(what)s", cell.getAttribute("aria-label")), true);
    }
    cell.value = String(now + 1);
    cell.dispatchEvent(new Event("input", { bubbles: true }));
    cell.classList.remove("is-counted");
    requestAnimationFrame(() => cell.classList.add("is-counted"));
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    return say(`${cell.getAttribute("aria-label")}: ${now + 1}`);
  }

  async function ask(parameters) {
    const address = new URL(form.dataset.find, location.href);
    const place = form.querySelector("[data-reload]");
    if (place) address.searchParams.set("location", place.value);
    Object.entries(parameters).forEach(([name, value]) => address.searchParams.set(name, value));
    const response = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (response.redirected || (!response.ok && response.status !== 404)) throw new Error(String(response.status));
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    return holder.content;
  }

  function addGrids(content) {
    content.querySelectorAll("[data-grid]").forEach((grid) => {
      if (!grids.querySelector(`[data-grid="${grid.dataset.grid}"]`)) grids.append(grid);
    });
    form.dispatchEvent(new Event("grid:changed"));
  }

  async function look(code) {
    offers.replaceChildren();
    const here = cellOf(code);
    if (here) return countUp(here);
    const content = await ask({ code });
    const { variant, cell: name = variant && `q-${variant}` } = content.querySelector("[data-variant]")?.dataset || {};
    if (content.querySelector("[data-grid]")) {
      addGrids(content);
      const cell = name && grids.querySelector(`input.cell[name="${name}"]`);
      return cell ? countUp(cell) : undefined;
    }
    const wrong = content.querySelector("[data-unknown]");
    if (wrong) return say(wrong.textContent.trim(), true);
    offers.replaceChildren(content);
    say("");
    return offers.querySelector("button")?.focus();
  }

  async function add(product) {
    if (!grids.querySelector(`[data-grid="${product}"]`)) addGrids(await ask({ product }));
    offers.replaceChildren();
    field.value = "";
    say("");
    grids.querySelector(`[data-grid="${product}"] input.cell`)?.focus();
  }

  /* One after the other: a scanner does not wait for the answer to its last code. */
  let last = Promise.resolve();
  function queue(work) {
    last = last.then(work).catch(() => say(status.dataset.failed, true));
    return last;
  }

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) queue(() => look(code)).then(() => status.classList.contains("is-wrong") && !field.value && restore(code));
  });

  /* What the camera read (camera.js). */
  field.addEventListener("scan:code", (event) => queue(() => look(event.detail.code)));

  /** Words that found nothing stay to be mended; the next scan types over them. */
  function restore(code) {
    field.value = code;
    field.select();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "add") {
      event.preventDefault();
      queue(() => add(button.value));
    } else if (button?.hasAttribute("data-find-button")) {
      event.preventDefault();
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      field.focus();
    }
  });

  /* A scanner types faster than any hand: six or more keys under 35 ms apart, then Enter. */
  let burst = { text: "", before: "", at: 0 };
  form.addEventListener(
    "keydown",
    (event) => {
      const cell = event.target;
      if (!cell.matches?.("input.cell")) return;
      const quick = event.timeStamp - burst.at < 35;
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
        burst = quick
          ? { ...burst, text: burst.text + event.key, at: event.timeStamp }
          : { text: event.key, before: cell.value, at: event.timeStamp };
      } else if (event.key === "Enter" && quick && burst.text.length >= 6) {
        event.preventDefault();
        event.stopImmediatePropagation();
        const code = burst.text;
        cell.value = burst.before;
        cell.dispatchEvent(new Event("input", { bubbles: true }));
        queue(() => look(code));
      }
    },
    true,
  );

  if (sound) {
    sound.checked = localStorage.getItem(KEY) === "on";
    sound.addEventListener("change", () => {
      localStorage.setItem(KEY, sound.checked ? "on" : "off");
      if (sound.checked) beep(880, 0.08);
    });
  }
})();
