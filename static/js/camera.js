/* The camera as a scanner. What it reads is handed to the field [data-scan] as the event "scan:code" (scan.js counts it
   up); on the scan page the field's form is sent. The browser's own BarcodeDetector reads where there is one; otherwise
   small grey pictures go to the server, one after the other, a few a second. */

const FORMATS = ["ean_13", "code_128", "qr_code", "ean_8", "upc_a", "upc_e", "code_39", "itf", "data_matrix"];
const NEEDED = ["ean_13", "code_128", "qr_code"];
const PAUSE = 120; // milliseconds between two looks with the browser's own reader
const SERVER_PAUSE = 300; // between an answer of the server and the next picture
const SAME_AGAIN = 1500; // a code must be out of sight this long to count again
const WIDTH = 960; // of a picture for the server

const panel = document.querySelector("[data-camera]");
const field = document.querySelector("[data-scan]");
const opener = document.querySelector("[data-camera-open]");

if (panel && field && opener) {
  const video = panel.querySelector("[data-camera-video]");
  const status = panel.querySelector("[data-camera-status]");
  const canvas = document.createElement("canvas");
  let stream = null;
  let running = 0; // which opening of the camera is under way; 0: none
  let openings = 0;
  let audio = null;
  const lastSeen = new Map();

  const sleep = (time) => new Promise((done) => setTimeout(done, time));

  function say(name) {
    status.textContent = panel.dataset[name];
    status.classList.toggle("is-wrong", !["starting", "looking"].includes(name));
    panel.classList.toggle("is-off", !running);
  }

  /** The camera always sounds: eyes are on the piece, not on the page. An entry's own beep, where it is on, is enough. */
  function beep() {
    navigator.vibrate?.(60);
    if (document.querySelector("[data-sound]:checked") || !audio) return;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = 880;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.08);
  }

  function accept(code) {
    const now = performance.now();
    const before = lastSeen.get(code);
    lastSeen.set(code, now);
    if (before !== undefined && now - before < SAME_AGAIN) return;
    beep();
    panel.classList.remove("has-read");
    requestAnimationFrame(() => panel.classList.add("has-read"));
    if (field.form?.hasAttribute("data-scan-page")) {
      field.value = code;
      field.form.requestSubmit();
    } else {
      field.dispatchEvent(new CustomEvent("scan:code", { detail: { code } }));
    }
  }

  async function ownReader() {
    if (!("BarcodeDetector" in window)) return null;
    try {
      const known = await BarcodeDetector.getSupportedFormats();
      if (!NEEDED.every((format) => known.includes(format))) return null;
      const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
      return async () => (await detector.detect(video)).map((found) => found.rawValue);
    } catch {
      return null;
    }
  }

  function picture() {
    const scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    const context = canvas.getContext("2d");
    context.filter = "grayscale(1)";
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  }

  async function serverReader() {
    const body = new FormData();
    body.append("brand", panel.dataset.brand);
    body.append("photo", await picture(), "frame.jpg");
    const headers = { "X-CSRFToken": panel.dataset.token, Accept: "application/json" };
    const response = await fetch(panel.dataset.read, { method: "POST", body, headers });
    if (response.status === 429) {
      say("slow");
      await sleep(1000 * Math.min(Number(response.headers.get("Retry-After")) || 5, 30));
      return [];
    }
    if (!response.ok) throw new Error(String(response.status));
    await sleep(SERVER_PAUSE);
    return (await response.json()).codes.map((found) => found.text);
  }

  async function watch(mine) {
    const own = await ownReader();
    panel.dataset.reader = own ? "browser" : "server";
    while (running === mine) {
      if (document.hidden || !video.videoWidth) {
        await sleep(PAUSE);
        continue;
      }
      try {
        const codes = await (own || serverReader)();
        if (running !== mine) return;
        if (status.classList.contains("is-wrong")) say("looking");
        codes.forEach((code) => accept(code.trim()));
        await sleep(own ? PAUSE : 0);
      } catch {
        if (running === mine) say("unread");
        await sleep(2000);
      }
    }
  }

  const reasons = {
    NotAllowedError: "refused",
    SecurityError: "refused",
    NotFoundError: "none",
    OverconstrainedError: "none",
    NotReadableError: "busy",
    AbortError: "busy",
  };

  async function open() {
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    if (!window.isSecureContext) return say("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return say("none");
    const mine = (running = ++openings);
    say("starting");
    audio ||= new AudioContext(); // made by the press of a button, or browsers keep it silent
    const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      const given = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (running !== mine) return given.getTracks().forEach((track) => track.stop());
      stream = given;
      video.srcObject = stream;
      await video.play();
      say("looking");
      return watch(mine);
    } catch (error) {
      if (running === mine) running = 0;
      return say(reasons[error.name] || "none");
    }
  }

  function close() {
    running = 0;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    lastSeen.clear();
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  }

  opener.addEventListener("click", () => (panel.hidden ? open() : close()));
  panel.querySelector("[data-camera-close]").addEventListener("click", () => {
    close();
    opener.focus();
  });
  window.addEventListener("pagehide", close);
}

/* On the scan page a scanner's next code writes over the last one. */
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches?.("[data-scan-page]")) field?.select();
});
