// The original over its cut-out, with a line between them that moves; and how near both are seen.

import { byId } from "./dom.js";

const REVEAL_MS = 600;
const LARGEST_FIT = 2; // times; beyond it a small picture is only a blur

export class Compare {
  #size = { widthPx: 0, heightPx: 0 };
  #hasBoth = false;
  #restPercent = 50; // where the line was left, or begins

  constructor() {
    this.stage = byId("stage");
    this.frame = byId("frame");
    this.sheet = byId("sheet");
    this.before = byId("before");
    this.wipe = byId("wipe");
    this.handle = byId("handle");
    this.wipe.addEventListener("input", () => this.#rest());
    this.frame.addEventListener("scroll", () => this.#place());
    byId("zoom").addEventListener("change", ({ target }) => this.#zoom(target.value));
    new ResizeObserver(() => this.#arrange()).observe(this.frame);
    this.#connectPointer();
  }

  /** Lays out pictures of that many pixels; with both, the line stands between them. */
  layOut(widthPx, heightPx, hasBoth) {
    if (hasBoth && !this.#hasBoth) this.#reveal();
    this.#size = { widthPx, heightPx };
    this.#hasBoth = hasBoth;
    for (const part of [this.wipe, this.handle, byId("tag-before")]) part.hidden = !hasBoth;
    this.#arrange();
  }

  /** Draws the line in from the right, where the original ends before there is a cut-out. */
  #reveal() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const end = this.#restPercent;
    const startedMs = performance.now();
    let drawn = 100;
    this.wipe.value = drawn;
    const draw = (nowMs) => {
      if (Number(this.wipe.value) !== drawn) return; // somebody has taken the line
      const left = Math.max(0, 1 - (nowMs - startedMs) / REVEAL_MS) ** 3;
      drawn = Math.round(end + (100 - end) * Math.min(1, left));
      this.wipe.value = drawn;
      this.#place();
      if (left > 0) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  #rest() {
    this.#restPercent = Number(this.wipe.value);
    this.#place();
  }

  get #scale() {
    const zoom = this.frame.dataset.zoom ?? "fit";
    const { widthPx, heightPx } = this.#size;
    // A pixel of the picture on one, or on 3 x 3, of the screen.
    if (zoom !== "fit") return Number(zoom) / devicePixelRatio;
    const { clientWidth, clientHeight } = this.frame;
    return Math.min(clientWidth / widthPx, clientHeight / heightPx, LARGEST_FIT);
  }

  #zoom(value) {
    const { frame } = this; // what is in its middle stays there
    const x = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth;
    const y = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
    frame.dataset.zoom = value;
    if (value === "fit") frame.removeAttribute("tabindex");
    else frame.tabIndex = 0;
    this.#arrange();
    frame.scrollTo({
      left: x * frame.scrollWidth - frame.clientWidth / 2,
      top: y * frame.scrollHeight - frame.clientHeight / 2,
      behavior: "instant",
    });
    this.#place();
  }

  #arrange() {
    const { widthPx, heightPx } = this.#size;
    if (!widthPx || !heightPx) return;
    this.sheet.style.width = `${Math.round(widthPx * this.#scale)}px`;
    this.sheet.style.height = `${Math.round(heightPx * this.#scale)}px`;
    this.#place();
  }

  /** The part of the picture that is in sight, in CSS pixels of the stage. */
  get #inSight() {
    const [stage, frame, sheet] = [this.stage, this.frame, this.sheet].map((each) =>
      each.getBoundingClientRect(),
    );
    const left = Math.max(frame.left, sheet.left) - stage.left - this.stage.clientLeft;
    const right = Math.min(frame.right, sheet.right) - stage.left - this.stage.clientLeft;
    const top = Math.max(frame.top, sheet.top) - stage.top - this.stage.clientTop;
    const bottom = Math.min(frame.bottom, sheet.bottom) - stage.top - this.stage.clientTop;
    const sheetLeft = sheet.left - stage.left - this.stage.clientLeft;
    return { left, width: right - left, top, height: bottom - top, sheetLeft };
  }

  /** Puts the line where the range says, and ends the original there. */
  #place() {
    const percent = Number(this.wipe.value);
    const { left, width, top, height, sheetLeft } = this.#inSight;
    const lineX = left + (width * percent) / 100;
    this.wipe.setAttribute("aria-valuetext", `${percent} % original`);
    this.stage.style.setProperty("--line-x", `${lineX}px`);
    this.stage.style.setProperty("--sight-left", `${left}px`);
    this.stage.style.setProperty("--sight-right", `${left + width}px`);
    this.stage.style.setProperty("--sight-top", `${top}px`);
    this.stage.style.setProperty("--sight-height", `${height}px`);
    const cut = this.#hasBoth ? `${lineX - sheetLeft}px` : "100%";
    this.before.style.setProperty("--cut", cut);
  }

  #connectPointer() {
    const toLine = (event) => {
      const { left, width } = this.#inSight;
      const x = event.clientX - this.stage.getBoundingClientRect().left - this.stage.clientLeft;
      this.wipe.value = Math.round(((x - left) / width) * 100);
      this.#rest();
    };
    const pan = (event) => this.frame.scrollBy(-event.movementX, -event.movementY);
    dragging(this.handle, () => toLine);
    dragging(this.frame, (event) => {
      if (this.frame.dataset.zoom && this.frame.dataset.zoom !== "fit") {
        return event.pointerType === "mouse" ? pan : null; // fingers scroll by themselves
      }
      if (!this.#hasBoth) return null;
      toLine(event);
      return toLine;
    });
  }
}

/** Calls what `begin` gives for a press with every move until it is let go. */
function dragging(target, begin) {
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const moved = begin(event);
    if (!moved) return;
    event.preventDefault();
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", moved);
    const end = () => target.removeEventListener("pointermove", moved);
    target.addEventListener("lostpointercapture", end, { once: true });
  });
}
