/* What every page does: menus that close, toasts that leave, questions before danger, one submit a form. */

const body = document.body;

/* ---- navigation: its groups stay as a person left them. In a cookie: the next page is sent with them open ---- */
const groups = [...document.querySelectorAll("details[data-remember]")];
for (const group of groups) {
  group.querySelector("summary").addEventListener("click", () => {
    const open = groups.filter((other) => (other === group ? !other.open : other.open));
    const left = open.map((other) => other.dataset.remember).join(".");
    document.cookie = `menu=${left}; path=/; max-age=31536000; samesite=lax`;
  });
}
document.querySelector(".side-links [aria-current]")?.scrollIntoView({ block: "nearest" });

/* ---- menus: one open at a time, closed by Escape or a click elsewhere ---- */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* ---- toasts ---- */
function watchToast(toast) {
  const linger = toast.querySelector("form") ? 15000 : 6000;
  let timer;
  const leave = () => {
    timer = setTimeout(() => toast.remove(), linger);
  };
  const stay = () => clearTimeout(timer);
  toast.addEventListener("mouseenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("mouseleave", leave);
  toast.addEventListener("focusout", leave);
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  if (!toast.matches(".toast-error, .toast-warning")) leave();
}

function toast(text, level = "success") {
  const box = document.createElement("div");
  box.className = `toast toast-${level}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-s";
  close.dataset.toastClose = "";
  close.textContent = body.dataset.close;
  box.append(words, close);
  document.getElementById("toasts").append(box);
  watchToast(box);
}

document.querySelectorAll("[data-toast]").forEach(watchToast);

// Other scripts say something with: document.dispatchEvent(new CustomEvent("jangbu:toast", { detail: { text, level } }))
document.addEventListener("jangbu:toast", (event) => toast(event.detail.text, event.detail.level));

/* ---- htmx: a lost connection or a fault is said, never swallowed ---- */
body.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) toast(body.dataset.offline, "error");
});
body.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) toast(body.dataset.failed, "error");
});

// Logged out meanwhile: the log-in page is shown whole, not inside of a part of this one.
body.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL || location.href).pathname !== "/login/") return;
  event.detail.shouldSwap = false;
  location.reload();
});
// What was refused is read first.
body.addEventListener("htmx:afterSettle", (event) => {
  event.target.querySelector?.("[data-focus]")?.focus();
});

/* ---- forms ---- */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (!("submitOnce" in form.dataset)) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.classList.add("is-busy");
});

// Coming back by the browser's button finds the form usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
  }
});

/* ---- leaving with unsaved words: only forms that ask for it ---- */
document.addEventListener("input", (event) => {
  event.target.closest("form[data-guard]")?.setAttribute("data-dirty", "");
});
document.addEventListener("submit", (event) => event.target.removeAttribute("data-dirty"));
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-dirty]")) event.preventDefault();
});

/* ---- dialogs ---- */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
});

/* ---- the summary of errors is read first ---- */
document.querySelector("[data-focus]")?.focus({ preventScroll: false });

if (window.matchMedia("(min-width: 64rem)").matches) document.querySelector("[data-autofocus-desk]")?.focus();
