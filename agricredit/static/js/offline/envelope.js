// An envelope that only the platform opens (foundation/common/envelopes.py is the other side): a key of our own for
// each one, agreed with the platform's public key, so that neither a lost file nor a lost phone tells what is in it.

const FORMAT = "agricredit-sealed-1";
const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** Whether this browser can; pages that did not come by https cannot. */
export function canClose() {
  return Boolean(globalThis.crypto?.subtle);
}

/** The envelope, as text; `to` is {id, key}. */
export async function closed(content, to) {
  const { subtle } = crypto;
  const own = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const theirs = await subtle.importKey("raw", bytes(to.key), CURVE, false, []);
  const secret = await subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const sender = new Uint8Array(await subtle.exportKey("raw", own.publicKey));
  const basis = await subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const key = await subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: sender, info: letters(FORMAT) }, basis, { name: "AES-GCM", length: 256 }, false, ["encrypt"],
  );
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: letters(`${FORMAT}|${to.id}`) }, key, letters(content));
  return JSON.stringify({ format: FORMAT, key: to.id, sender: base64(sender), nonce: base64(nonce), sealed: base64(new Uint8Array(sealed)) });
}

function letters(text) {
  return new TextEncoder().encode(text);
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function base64(data) {
  let text = "";
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}
