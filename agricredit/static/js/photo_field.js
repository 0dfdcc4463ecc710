// A photograph chosen on a plain page is shrunk before it is sent: phones take larger ones, and of other kinds, than
// the platform keeps. Where that fails the picture goes as it is, and the platform says what is wrong with it.
import { shrunk } from "./offline/photo.js";

const KEPT = ["image/jpeg", "image/png"];

async function shrink(input, limit) {
  const [file] = input.files;
  if (!file?.type.startsWith("image/") || (file.size <= limit && KEPT.includes(file.type))) return;
  const data = atob((await shrunk(file)).split(",")[1]);
  const bytes = Uint8Array.from(data, (letter) => letter.charCodeAt(0));
  const chosen = new DataTransfer();
  chosen.items.add(new File([bytes], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }));
  input.files = chosen.files;
}

document.querySelectorAll("input[type=file][data-shrink]").forEach((input) => {
  const buttons = input.form.querySelectorAll("[type=submit]");
  input.addEventListener("change", async () => {
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await shrink(input, Number(input.dataset.shrink));
    } catch (refused) {
      // said by the platform
    }
    buttons.forEach((button) => { button.disabled = false; });
  });
});
