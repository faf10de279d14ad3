// The options of /v2 as controls. What is sent are those that differ from the contract's defaults.

import { byId, checkedValue } from "./dom.js";

const DEFAULTS = { format: "png", channels: "rgba", size: "full" };
const NOTES = {
  png: "Keeps transparency, without loss.",
  webp: "Keeps transparency, in small files.",
  tiff: "Keeps transparency; previewed as a PNG.",
  jpg: "Laid on the background, or on white.",
  bmp: "Laid on the background, or on white.",
  gif: "Laid on it, or on white, in 256 colours.",
};
const WAIT_MS = 300;
// May be the beginning of a longer one: it counts once the field is left, or at Enter.
const UNFINISHED_HEX = /^#?[0-9a-f]{0,5}$/i;

export class Options {
  #timer = 0;
  #agreed = ""; // the background that requests ask for; what is being typed may be none

  /** `changed` is called once nothing has been touched for a moment. */
  constructor(changed) {
    this.changed = changed;
    this.form = byId("options");
    this.colour = byId("bg-color");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#touched(event.target));
    this.colour.addEventListener("change", () => this.#agree());
    byId("bg-clear").addEventListener("click", () => this.#setColour(""));
    for (const preset of this.form.querySelectorAll("[data-colour]")) {
      preset.style.setProperty("--preset", preset.dataset.colour);
      preset.addEventListener("click", () => this.#setColour(preset.dataset.colour));
    }
    this.#arrange();
  }

  /** The fields of a request, as the API names them. */
  fields() {
    const fields = {};
    for (const [name, usual] of Object.entries(DEFAULTS)) {
      const value = checkedValue(name);
      if (value !== usual && !(name === "format" && this.isMask)) fields[name] = value;
    }
    if (this.form.elements.crop.checked) fields.crop = "true";
    if (this.#agreed && !this.isMask) fields.bg_color = this.#agreed;
    if (this.form.elements.despill.checked && !this.isMask) fields.despill = "true";
    return fields;
  }

  get isMask() {
    return checkedValue("channels") === "alpha";
  }

  /** Shows what the service finds wrong with the options, beside them where there is a place. */
  complain(fields) {
    const sentence = fields.bg_color ?? "";
    byId("bg-problem").textContent = sentence;
    byId("bg-problem").hidden = !sentence;
    this.colour.setAttribute("aria-invalid", String(Boolean(sentence)));
  }

  #touched(control) {
    if (control === this.colour) return this.#typed();
    if (control.id === "bg-picker" || control.id === "bg-alpha") {
      const colour = withAlpha(byId("bg-picker").value, Number(byId("bg-alpha").value));
      return this.#setColour(colour);
    }
    this.#changed();
  }

  #typed() {
    const text = this.colour.value.trim();
    const isWhole = !text || (parsedColour(text) && !UNFINISHED_HEX.test(text));
    if (isWhole) this.#agree();
    else this.#arrange();
  }

  #setColour(colour) {
    this.colour.value = colour;
    if (!colour) byId("bg-alpha").value = 100;
    this.#agree();
  }

  #agree() {
    const text = this.colour.value.trim();
    if (text === this.#agreed) return;
    this.#agreed = text;
    this.#changed();
  }

  #changed() {
    this.#arrange();
    this.complain({});
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.changed, WAIT_MS);
  }

  /** Makes the controls agree with each other. */
  #arrange() {
    const text = this.colour.value.trim();
    const parsed = parsedColour(text);
    if (parsed) {
      byId("bg-picker").value = parsed.hex;
      byId("bg-alpha").value = parsed.percent;
    }
    byId("bg-clear").disabled = !text;
    byId("bg-alpha").disabled = !text;
    byId("bg-alpha-text").textContent = `${byId("bg-alpha").value} %`;
    byId("bg-picker").dataset.none = String(!text);
    for (const id of ["choice-format", "choice-background"]) byId(id).disabled = this.isMask;
    this.form.elements.despill.disabled = this.isMask;
    const format = checkedValue("format");
    byId("format-note").textContent = this.isMask
      ? "A mask is a grey PNG in any case."
      : NOTES[format];
  }
}

function withAlpha(hex, percent) {
  if (percent >= 100) return hex;
  return hex + Math.round((percent / 100) * 255).toString(16).padStart(2, "0");
}

/** A CSS colour, or hex digits alone, as #rrggbb and its opacity in per cent; null if it is none. */
function parsedColour(text) {
  const css = /^[0-9a-f]{3,8}$/i.test(text) ? `#${text}` : text;
  if (!css || !CSS.supports("color", css)) return null;
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = css;
  const normal = context.fillStyle;
  if (normal.startsWith("#")) return { hex: normal, percent: 100 };
  const numbers = normal.match(/[\d.]+/g)?.map(Number);
  if (!normal.startsWith("rgba") || numbers?.length !== 4) return null;
  const hex = numbers.slice(0, 3).map((each) => each.toString(16).padStart(2, "0")).join("");
  return { hex: `#${hex}`, percent: Math.round(numbers[3] * 100) };
}
