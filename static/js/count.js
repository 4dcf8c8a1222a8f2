/* Counting on a phone: each scanned code gets its own id and waits in a queue until the server has it, so that a scan
   over a bad network is neither lost nor counted twice. Without this script the form is sent as it is.
   <form data-count-scan data-queue="name of its queue" data-waiting="%(n)s ..."> holds [data-scan] and [data-scan-status]. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-count-scan]");
  if (!form) return;
  const field = form.querySelector("[data-scan]");
  const status = form.querySelector("[data-scan-status]");
  const waiting = form.querySelector("[data-scan-waiting]");
  const KEY = `jangbu.count.${form.dataset.queue}`;
  const DEVICE = "jangbu.device";
  const AGAIN = 3000;

  const device = localStorage.getItem(DEVICE) || newId().slice(0, 8);
  localStorage.setItem(DEVICE, device);
  let queue = JSON.parse(localStorage.getItem(KEY) || "[]");
  let sending = false;

  /** crypto.randomUUID is only there over https, and phones in a shop's network may come without. */
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function keep() {
    localStorage.setItem(KEY, JSON.stringify(queue));
    waiting.textContent = queue.length ? form.dataset.waiting.replace("%(n)s", queue.length) : "";
  }

  function say(text, wrong) {
    status.textContent = text;
    status.classList.toggle("is-wrong", wrong);
    navigator.vibrate?.(wrong ? [120, 60, 120] : 40);
  }

  async function send(scan) {
    const body = new FormData(form);
    Object.entries({ ...scan, device }).forEach(([name, value]) => body.set(name, value));
    const response = await fetch(form.action, { method: "POST", body });
    if (response.redirected) return location.reload(); // logged out meanwhile; the queue is kept
    if (response.status >= 500) throw new Error(String(response.status));
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : null;
    queue.shift();
    say(answer?.text ?? document.body.dataset.failed, !response.ok);
    return undefined;
  }

  /** One after the other: a scanner does not wait for the answer to its last code. */
  async function flush() {
    if (sending) return;
    sending = true;
    try {
      while (queue.length) {
        await send(queue[0]);
        keep();
      }
      htmx.trigger(document.body, "counted");
    } catch {
      say(document.body.dataset.offline, true);
      setTimeout(flush, AGAIN);
    } finally {
      sending = false;
      keep();
    }
  }

  function take(code) {
    if (!code) return;
    queue.push({ code, entry: newId() });
    keep();
    flush();
  }

  function typed(event) {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    field.focus();
    take(code);
  }

  form.addEventListener("submit", typed);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) typed(event);
  });
  field.addEventListener("scan:code", (event) => take(event.detail.code)); // what the camera read (camera.js)
  window.addEventListener("online", flush);
  keep();
  flush();
})();
