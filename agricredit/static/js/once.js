// A form pressed twice is sent once: those marked data-once, and the office's forms of one row (Django's …_form).
// Sent twice, the second would be told that the first has been done, and hide that it has.
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once") && !form.id.endsWith("_form")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
});
// Coming back by the back button shows the page as it was left: let it be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});
