// Takes results out of the page: into a file, or onto the clipboard.

import { element } from "./dom.js";

/** Whether this page may put pictures onto the clipboard: on HTTPS and on localhost. */
export const canCopyImages = Boolean(navigator.clipboard?.write && globalThis.ClipboardItem);

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // a download begins some time after its click
}

/** Copies a picture as PNG, the one kind that clipboards take. */
export async function copyImage(blob) {
  const png = blob.type === "image/png" ? blob : asPng(blob);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
}

async function asPng(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}
