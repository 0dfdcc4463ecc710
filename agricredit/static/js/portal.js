// Small helps for the producer portal; every page works without them.
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
});
// Coming back by the phone's back button shows the page as it was left: let it be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});
document.querySelectorAll("button[data-share]").forEach((button) => {
  const field = document.getElementById(button.dataset.share);
  if (!field || !(navigator.share || navigator.clipboard)) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ text: field.value });
      else { await navigator.clipboard.writeText(field.value); button.textContent = button.dataset.done; }
    } catch (refused) {
      field.focus();
      field.select();
    }
  });
});
