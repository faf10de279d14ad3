// The row of all pictures: a thumbnail of each, where it stands, and the buttons to do with it.

import { byId, element } from "./dom.js";

const EDGE_PX = 128;
const STATES = {
  waiting: "waiting",
  sending: "under way",
  done: "done",
  failed: "failed",
  released: "no longer in memory",
};

export class Strip {
  #tiles = new Map();
  #stop = 0; // the id of the item whose buttons Tab comes to
  #selected = null;
  // One at a time: a picture is decoded as a whole before it is made small.
  #drawing = Promise.resolve();

  /** `actions` has `select`, `remove` and `retry`, each of which takes an item. */
  constructor(actions) {
    this.actions = actions;
    this.list = byId("strip");
    this.list.addEventListener("keydown", (event) => this.#steer(event));
  }

  focus(item) {
    this.#tiles.get(item.id).pick.focus();
  }

  /** Moves among the pictures by the arrow keys; what is chosen stays until Enter. */
  #steer(event) {
    if (!event.target.matches(".pick")) return;
    const tiles = [...this.#tiles.values()];
    const place = tiles.findIndex(({ pick }) => pick === event.target);
    const next = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      Home: 0,
      End: tiles.length - 1,
    }[event.key];
    if (event.key === "Delete") this.actions.remove(tiles[place].item);
    else if (next === undefined) return;
    tiles[next]?.pick.focus();
    event.preventDefault();
  }

  /** Makes the row show these items. */
  show(items, selected) {
    byId("strip-hint").hidden = items.length > 0;
    for (const [id, tile] of this.#tiles) {
      if (items.some((item) => item.id === id)) continue;
      tile.place.remove();
      this.#tiles.delete(id);
    }
    for (const item of items) this.#update(this.#tileOf(item), item, item === selected);
    if (selected && selected !== this.#selected) {
      this.#tiles.get(selected.id).place.scrollIntoView({ block: "nearest", inline: "nearest" });
      this.#stop = selected.id;
    }
    this.#selected = selected;
    this.#rove();
  }

  #rove() {
    if (!this.#tiles.has(this.#stop)) this.#stop = this.#selected?.id ?? [...this.#tiles.keys()][0];
    for (const [id, { place }] of this.#tiles) {
      for (const button of place.children) button.tabIndex = id === this.#stop ? 0 : -1;
    }
  }

  #tileOf(item) {
    const known = this.#tiles.get(item.id);
    if (known) return known;
    const canvas = element("canvas", { width: EDGE_PX, height: EDGE_PX });
    canvas.setAttribute("aria-hidden", "true");
    const mark = element("i", { className: "mark" });
    mark.setAttribute("aria-hidden", "true");
    const state = element("span", { className: "unseen" });
    const name = element("span", { className: "unseen" }, item.source.name);
    const pick = element("button", { type: "button", className: "pick", title: item.source.name });
    pick.append(canvas, mark, name, state);
    pick.addEventListener("click", () => this.actions.select(item));
    pick.addEventListener("focus", () => {
      this.#stop = item.id;
      this.#rove();
    });
    const retry = this.#button("retry", "↻", `Try ${item.source.name} again`, item);
    const remove = this.#button("remove", "×", `Remove ${item.source.name}`, item);
    const place = element("li", {}, pick, retry, remove);
    this.list.append(place);
    const tile = { item, place, pick, retry, state, canvas };
    this.#tiles.set(item.id, tile);
    if (item.source.file) this.#draw(tile, item.source.file);
    return tile;
  }

  #button(action, sign, label, item) {
    const button = element("button", { type: "button", className: action, title: label }, sign);
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => this.actions[action](item));
    return button;
  }

  #update(tile, item, isSelected) {
    tile.place.dataset.state = item.state;
    tile.state.textContent = `, ${STATES[item.state]}`;
    tile.retry.hidden = !["failed", "released"].includes(item.state);
    if (isSelected) tile.pick.setAttribute("aria-current", "true");
    else tile.pick.removeAttribute("aria-current");
    if (item.result && tile.drawn !== item.result.blob) {
      tile.drawn = item.result.blob;
      this.#draw(tile, item.result.blob);
    }
  }

  #draw(tile, blob) {
    this.#drawing = this.#drawing.then(async () => {
      if (!tile.place.isConnected) return;
      try {
        const small = await createImageBitmap(blob, {
          resizeHeight: EDGE_PX,
          resizeQuality: "medium",
        });
        drawCovering(tile.canvas, small);
        small.close();
      } catch {
        // a file that the browser cannot show: its result will stand here
      }
    });
  }
}

function drawCovering(canvas, bitmap) {
  const context = canvas.getContext("2d");
  const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
