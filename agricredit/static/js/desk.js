/* The scheme desk: says what is wrong while one types, and shows of the builder only what the choice needs.
   Without it everything is shown and the button checks. */
(function () {
  "use strict";

  var WAIT = 400;
  var NEEDED = {
    scale: ["points", "zero_below"],
    flag: ["points"],
    lose: ["points", "each"],
    per: ["points", "cap"],
    bands: ["band", "more", "else"]
  };

  function check(form) {
    var said = document.getElementById(form.dataset.says);
    var turn = String(Date.now());
    form.dataset.turn = turn;
    fetch(form.dataset.check, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status))); })
      .then(function (html) { if (form.dataset.turn === turn) { said.innerHTML = html; } })
      .catch(function () { /* the button still checks */ });
  }

  function fit(form) {
    var chosen = form.querySelector("[name=rule_type]");
    if (!chosen) { return; }
    var needed = NEEDED[chosen.value] || [];
    form.querySelectorAll("[data-field^=rule_]").forEach(function (box) {
      var name = box.dataset.field.slice("rule_".length);
      var plain = name.replace(/^band[0-9].*$/, "band");
      box.hidden = name !== "type" && needed.indexOf(plain) < 0;
    });
  }

  document.querySelectorAll("form[data-check]").forEach(function (form) {
    var timer = 0;
    form.addEventListener("input", function () {
      fit(form);
      window.clearTimeout(timer);
      timer = window.setTimeout(function () { check(form); }, WAIT);
    });
    fit(form);
  });
})();
