// Small helps for the producer portal; every page works without them.
"use strict";
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
