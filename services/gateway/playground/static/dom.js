// Small helpers around the page's elements. Text is always text: nothing here writes markup.

export const byId = (id) => document.getElementById(id);

/** Makes an element; `properties` are set on it, and children are elements or text. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Checks the radio button of that name that has the value. */
export function checkedValue(name) {
  return document.querySelector(`input[name="${name}"]:checked`).value;
}

export function announce(sentence) {
  byId("status").textContent = sentence;
}

/** Says a sentence to everybody for a while, also to those who see. */
export function notice(sentence) {
  const place = byId("notice");
  place.textContent = sentence;
  place.hidden = false;
  clearTimeout(place.timer);
  place.timer = setTimeout(() => (place.hidden = true), 10_000);
  announce(sentence);
}

export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${(bytes / 1000).toFixed(0)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function millisecondsText(ms) {
  return ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0);
}

/** Copies text, also where the page is neither on HTTPS nor on localhost. Tells whether it did. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const holder = element("textarea", { value: text, readOnly: true, className: "unseen" });
    document.body.append(holder);
    holder.select();
    const copied = document.execCommand("copy");
    holder.remove();
    return copied;
  }
}

/** Says on a button for a moment what it has done. */
export function flash(button, text) {
  button.dataset.flash = text;
  clearTimeout(button.flashTimer);
  button.flashTimer = setTimeout(() => delete button.dataset.flash, 1600);
  announce(text);
}
