// Reading a code with the camera, where the browser can (BarcodeDetector); everywhere else one types.
"use strict";
(() => {
  if (!("BarcodeDetector" in window) || !(navigator.mediaDevices && navigator.mediaDevices.getUserMedia)) return;
  const WANTED = ["qr_code", "data_matrix", "code_128", "ean_13"];
  async function read(button) {
    const field = document.getElementById(button.dataset.scan);
    const kinds = await window.BarcodeDetector.getSupportedFormats();
    const detector = new window.BarcodeDetector({ formats: WANTED.filter((kind) => kinds.includes(kind)) });
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const dialog = document.createElement("dialog");
    const video = document.createElement("video");
    const close = document.createElement("button");
    dialog.className = "scanner";
    video.setAttribute("playsinline", "");
    close.type = "button";
    close.className = "button second";
    close.textContent = button.dataset.close;
    dialog.append(video, close);
    document.body.append(dialog);
    let open = true;
    dialog.addEventListener("close", () => {
      open = false;
      stream.getTracks().forEach((track) => track.stop());
      dialog.remove();
      field.focus();
    });
    close.addEventListener("click", () => dialog.close());
    video.srcObject = stream;
    dialog.showModal();
    await video.play();
    while (open) {
      const found = await detector.detect(video);
      if (found.length && open) {
        field.value = found[0].rawValue;
        dialog.close();
        if (button.dataset.submit) field.form.requestSubmit();
      }
      await new Promise((done) => { setTimeout(done, 200); });
    }
  }
  document.querySelectorAll("button[data-scan]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      read(button).catch(() => {
        button.disabled = true;
        button.textContent = button.dataset.refused;
      });
    });
  });
})();
