"use strict";

// The page of running jobs renews itself while something is running, but never under the hands of someone who has
// ticked rows or opened a menu, and not in a hidden tab.
(() => {
  const SECONDS = 5;

  function busy() {
    return document.hidden || document.querySelector("input.action-select:checked, select:focus, input:focus");
  }

  addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector("[data-jobs-active]")) {
      return;
    }
    setInterval(() => {
      if (!busy()) {
        location.reload();
      }
    }, SECONDS * 1000);
  });
})();
