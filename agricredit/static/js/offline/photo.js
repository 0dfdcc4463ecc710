// A photograph shrunk on the phone: a label must stay readable, and be sent over a weak line.

const LONGEST = 1280;
const QUALITY = 0.72;

/** The picture as a JPEG data address; throws when the file is no picture. Place and camera data are left behind. */
export async function shrunk(file) {
  const source = await picture(file);
  const scale = Math.min(1, LONGEST / Math.max(source.width, source.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#ffffff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", QUALITY);
}

async function picture(file) {
  if ("createImageBitmap" in window) return createImageBitmap(file);
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
