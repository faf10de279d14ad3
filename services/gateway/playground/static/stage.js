// The large picture: the prompt while there is none, then the original, its cut-out, or a failure.

import { advice, concernsKey } from "./advice.js";
import { byId } from "./dom.js";

const BECAUSE = { 429: "The key is at its limit", 503: "The service is busy" };
const NOTHING = { url: "", size: null };

export class Stage {
  #item = null;
  #generation = 0; // of calls: only the newest may change what is seen
  #opened = {}; // by place: the picture that was asked for last
  #shown = { before: NOTHING, after: NOTHING };
  #timer = 0;

  /** `queue` tells in its `pause` what all pictures are waiting for. */
  constructor(compare, queue) {
    this.compare = compare;
    this.queue = queue;
    this.stage = byId("stage");
  }

  /** The pixels of the original, or null where the browser cannot show it. */
  get originalSize() {
    return this.#shown.before.size;
  }

  /**
   * Makes the stage show an item as it is now; `null` brings the prompt back. All of it changes in
   * one step, once both pictures are decoded. Tells whether it did: not if called again meanwhile.
   */
  async show(item) {
    const generation = ++this.#generation;
    if (item !== this.#item) {
      this.stage.dataset.state = item && this.#item ? "opening" : stateOf(item);
      byId("failure").hidden = true;
    }
    const result = resultOf(item);
    const pictures = await Promise.all([
      this.#open("before", item?.source.file ?? null),
      this.#open("after", result?.blob ?? null),
    ]);
    if (generation !== this.#generation) return false;
    this.#item = item;
    this.#put("before", pictures[0]);
    this.#put("after", pictures[1]);
    clearInterval(this.#timer);
    this.stage.dataset.state = stateOf(item);
    byId("failure").hidden = !["failed", "released"].includes(item?.state);
    if (!byId("failure").hidden) this.#fail(item);
    if (item) this.#tellProgress(item);
    this.#layOut(item, result);
    return true;
  }

  /** Decodes a picture, once, however often its item is shown. */
  #open(place, blob) {
    const last = this.#opened[place];
    if (last?.blob === blob) return last.picture;
    last?.picture.then((left) => {
      if (this.#shown[place] !== left) URL.revokeObjectURL(left.url);
    });
    const picture = opened(blob);
    this.#opened[place] = { blob, picture };
    return picture;
  }

  #put(place, picture) {
    const old = this.#shown[place];
    if (old === picture) return;
    this.#shown[place] = picture;
    if (picture.size) byId(place).src = picture.url;
    else byId(place).removeAttribute("src");
    URL.revokeObjectURL(old.url);
  }

  #layOut(item, result) {
    const original = this.#shown.before.size;
    const isCropped = result?.fields.crop === "true";
    const hasBoth = Boolean(result && original && !isCropped);
    const size = result ?? original ?? { widthPx: 0, heightPx: 0 };
    const name = item?.source.name ?? "";
    byId("before").hidden = !original || (Boolean(result) && !hasBoth);
    byId("after").hidden = !result;
    byId("before").alt = `Original: ${name}`;
    byId("after").alt = `Cut-out of ${name}`;
    byId("tag-name").textContent = name;
    byId("tag-after").hidden = !result;
    byId("tag-after").textContent = result?.fields.channels === "alpha" ? "Mask" : "Cut-out";
    this.compare.layOut(size.widthPx, size.heightPx, hasBoth);
    const remark = remarkOn(result, item, Boolean(original));
    byId("aside").textContent = remark;
    byId("aside").hidden = !remark;
  }

  #tellProgress(item) {
    const tell = () => (byId("working-text").textContent = this.#progressOf(item));
    tell();
    if (item.state === "waiting") this.#timer = setInterval(tell, 500);
  }

  #progressOf(item) {
    if (item.state !== "waiting") return "Removing the background";
    const { pause } = this.queue;
    if (!pause) return "Waiting for its turn";
    const waitS = Math.ceil((pause.untilMs - Date.now()) / 1000);
    return `${BECAUSE[pause.refusal.status] ?? "The service cannot be reached"}. Again in ${waitS} s`;
  }

  #fail({ source, state, refusal }) {
    const isReleased = state === "released";
    byId("failure-title").textContent = isReleased
      ? "This cut-out is no longer in memory."
      : refusal.message;
    byId("failure-advice").textContent = isReleased
      ? "Others were looked at since. Making it again counts as usage."
      : advice(refusal);
    byId("failure-retry").textContent = isReleased ? "Make it again" : "Try again";
    byId("failure-facts").textContent = [
      source.name,
      refusal?.status ? `${refusal.status} ${refusal.code}`.trim() : "",
      refusal?.requestId,
    ].filter(Boolean).join(" · ");
    byId("failure-key").hidden = !concernsKey(refusal);
  }
}

/** A picture as it can be shown: under a URL, and its size unless the browser cannot show it. */
async function opened(blob) {
  if (!blob) return NOTHING;
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  const isGood = await image.decode().then(() => true, () => false);
  const size = { widthPx: image.naturalWidth, heightPx: image.naturalHeight };
  return { url: image.src, size: isGood ? size : null };
}

/** The cut-out to be shown of an item: none under a failure, whatever was made before. */
function resultOf(item) {
  return item?.state === "failed" ? null : (item?.result ?? null);
}

function stateOf(item) {
  if (!item) return "empty";
  if (["done", "failed", "released"].includes(item.state)) return item.state;
  return item.result ? "renewing" : "working";
}

function remarkOn(result, item, hasOriginal) {
  if (!result) return "";
  if (!result.found) return "No subject was found.";
  if (item.source.url) return "By its URL the cut-out alone is shown.";
  if (!hasOriginal) return "Your browser cannot show this original.";
  if (result.fields.crop === "true") return "Cropped: shown without the original.";
  return "";
}
