// The pictures on the page: which are waiting, which are under way, and what became of each.

import { concernsKey } from "./advice.js";

const AT_ONCE = 2;
const TRIES = 6;
const KEPT_BYTES = 256 * 2 ** 20;
// Told of the key, the service or what lies before it, and over after a while.
const PASSING = [429, 502, 503, 504];

/** Most pictures on the page at a time. */
export const MOST_PICTURES = 100;

export class Queue {
  #pause = { untilMs: 0, refusal: null };
  #isStopped = false; // by a refused key, since whatever is sent with it is refused as well
  #keys = 0; // how many there have been: a refusal of an earlier one says nothing of the present
  #timer = 0;
  #nextId = 1;

  /**
   * `send(source, fields, signal)` makes a cut-out, `fields()` gives the options of now, and
   * `changed(item)` is called whenever something about an item is another.
   */
  constructor(send, fields, changed) {
    Object.assign(this, { send, fields, changed, items: [], preferred: null });
  }

  /** Until when nothing is sent, and the refusal that said so; null while that is not so. */
  get pause() {
    return this.#pause.untilMs > Date.now() ? this.#pause : null;
  }

  /** Adds sources, each a file or a URL with a name; gives the items that there was room for. */
  add(sources) {
    const room = MOST_PICTURES - this.items.length;
    const added = sources.slice(0, Math.max(0, room)).map((source) => ({
      id: this.#nextId++,
      source,
      state: "waiting",
      result: null,
      refusal: null,
      tries: 0,
      usedAtMs: 0,
    }));
    this.items.push(...added);
    added.forEach(this.changed);
    this.#pump();
    return added;
  }

  remove(item) {
    item.controller?.abort();
    item.run = null;
    item.state = "removed";
    this.items = this.items.filter((other) => other !== item);
    this.#pump();
  }

  /** Makes an item anew, before all that wait; what it was being made into is given up. */
  restart(item) {
    this.#isStopped = false;
    this.#reset(item, true);
    this.#pump();
  }

  /** Tries again whatever has failed for that reason. */
  retryAll(isReason) {
    this.#isStopped = false;
    const failed = this.items.filter((item) => item.state === "failed" && isReason(item.refusal));
    failed.forEach((item) => this.#reset(item, false));
    this.#pump();
  }

  /** Goes on with another key: what stopped or held up the last one does not hold for it. */
  goOn(isReason) {
    this.#keys += 1;
    this.#pause = { untilMs: 0, refusal: null };
    this.items.forEach((item) => (item.tries = 0));
    this.retryAll(isReason);
  }

  #reset(item, first) {
    item.controller?.abort();
    Object.assign(item, { run: null, tries: 0, refusal: null, state: "waiting", first });
    this.changed(item);
  }

  /** Whether an item has been asked for under other options than those of now. */
  isStale(item) {
    if (item.state === "waiting") return false; // it takes those of the moment when it starts
    const asked = item.state === "done" ? item.result?.wish : item.wish;
    return asked !== JSON.stringify(this.fields());
  }

  /** Lets go of the results that were looked at longest ago, beyond what is kept; `but` stays. */
  prune(but) {
    if (but) but.usedAtMs = performance.now();
    const held = this.items.filter((item) => item.state === "done" && item !== but);
    held.sort((one, other) => other.usedAtMs - one.usedAtMs);
    let bytes = but?.result?.blob.size ?? 0;
    for (const item of held) {
      bytes += item.result.blob.size;
      if (bytes > KEPT_BYTES) Object.assign(item, { state: "released", result: null });
    }
  }

  #pump() {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const waitMs = this.#pause.untilMs - Date.now();
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#pump(), waitMs);
      return;
    }
    while (this.items.filter((item) => item.run).length < AT_ONCE) {
      const waiting = this.items.filter((item) => item.state === "waiting");
      const next =
        waiting.find((item) => item.first) ??
        waiting.find((item) => item === this.preferred) ??
        waiting[0];
      if (!next) return;
      this.#run(next);
    }
  }

  async #run(item) {
    const fields = this.fields();
    const controller = new AbortController();
    const run = { keys: this.#keys };
    Object.assign(item, { run, controller, fields, wish: JSON.stringify(fields) });
    Object.assign(item, { state: "sending", first: false });
    this.changed(item);
    try {
      const result = await this.send(item.source, fields, controller.signal);
      if (item.run !== run) return;
      item.result = { ...result, wish: item.wish };
      Object.assign(item, { state: "done", refusal: null, usedAtMs: performance.now() });
    } catch (error) {
      if (item.run !== run) return;
      this.#refused(item, error);
    } finally {
      if (item.run === run) {
        item.run = null;
        this.changed(item);
      }
      this.#pump();
    }
  }

  #refused(item, refusal) {
    if (concernsKey(refusal)) {
      const isOfNow = item.run.keys === this.#keys;
      this.#isStopped ||= isOfNow;
      Object.assign(item, isOfNow ? { state: "failed", refusal } : { state: "waiting" });
      return;
    }
    item.refusal = refusal;
    item.tries += 1;
    if (!passes(refusal) || item.tries >= TRIES) {
      item.state = "failed";
      return;
    }
    item.state = "waiting";
    item.first = true;
    this.heed(refusal, item.tries);
  }

  /** Waits as long as a refusal says, with all pictures: it is told of the key or the service. */
  heed(refusal, tries = 1) {
    if (!passes(refusal)) return;
    const untilMs = Date.now() + (refusal.retryAfterS ?? 2 ** tries) * 1000;
    if (untilMs > this.#pause.untilMs) this.#pause = { untilMs, refusal };
    this.#pump();
  }
}

function passes(refusal) {
  return PASSING.includes(refusal.status) || refusal.code === "unreachable";
}
