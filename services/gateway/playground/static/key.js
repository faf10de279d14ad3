// The API key: out of the fragment or the form, into this tab's storage and nowhere else.

import { announce, byId, element } from "./dom.js";

const PLACE = "mattebox.key";
const SENDABLE = /^[\x21-\x7e]+$/;

export class Keyring {
  #held = "";

  /** `service` asks with the key of this ring; `changed` is called when there is another one. */
  constructor(changed) {
    this.changed = changed;
    this.#held = takeFromAddress() || stored();
    store(this.#held);
  }

  key = () => this.#held;

  /** Connects the form and the chip that opens it. */
  connect(service) {
    this.service = service;
    this.panel = byId("key-panel");
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(byId("key").value.trim());
    });
    byId("key-show").addEventListener("click", () => this.#show(byId("key").type === "password"));
    byId("key-forget").addEventListener("click", () => this.#forget());
    this.panel.addEventListener("toggle", (event) => {
      if (event.newState === "closed") this.#show(false);
      else byId("key").focus();
    });
    addEventListener("hashchange", () => {
      const key = takeFromAddress();
      if (key) this.#use(key);
    });
    byId("key").value = this.#held;
    byId("key-forget").hidden = !this.#held;
    if (this.#held) this.#check();
  }

  /** Opens the form, and says why. */
  ask(why) {
    this.#problem(this.#held ? why : "This service asks for a key.");
    this.#chip("refused", this.#held ? "Key refused" : "Enter key");
    if (!this.panel.matches(":popover-open")) this.panel.showPopover();
  }

  /** Asks whose key it is, and shows the answer; tells whether the key may be good, and is held. */
  async #check() {
    const key = this.#held;
    this.#chip("checking", "Checking…");
    try {
      const account = await this.service.account();
      if (this.#held !== key) return false;
      this.#tell(account);
      return true;
    } catch (refusal) {
      if (this.#held !== key) return false;
      const isRefused = refusal.status === 401 || refusal.status === 403;
      this.#chip(isRefused ? "refused" : "unsure", isRefused ? "Key refused" : "Key not checked");
      this.#problem(refusal.message);
      byId("account").hidden = true;
      return !isRefused;
    }
  }

  async #use(key) {
    byId("key").value = key;
    if (!SENDABLE.test(key)) {
      this.#problem(key ? "A key has no spaces and no such characters." : "Type a key first.");
      return;
    }
    this.#hold(key);
    if (!(await this.#check())) return;
    this.changed();
    if (byId("account-chip").dataset.state !== "good") return;
    this.panel.hidePopover();
    announce("The key is good.");
  }

  #forget() {
    this.#hold("");
    byId("key").value = "";
    byId("account").hidden = true;
    this.#problem("");
    this.#chip("none", "Enter key");
    announce("The key is forgotten.");
    byId("key").focus();
  }

  #hold(key) {
    this.#held = key;
    store(key);
    byId("key-forget").hidden = !key;
  }

  #tell({ api_key: key, account, usage }) {
    this.#problem("");
    this.#chip("good", `${account.plan} plan`);
    const pairs = {
      Account: account.email,
      Plan: account.plan,
      [`Used in ${usage.period}`]: `${usage.images} images, ${usage.megapixels} MP`,
      "Key in logs": key.fingerprint,
    };
    byId("account").replaceChildren(
      ...Object.entries(pairs).flatMap(([name, value]) => [
        element("dt", {}, name),
        element("dd", {}, value),
      ]),
    );
    byId("account").hidden = false;
  }

  #show(plainly) {
    byId("key").type = plainly ? "text" : "password";
    byId("key-show").textContent = plainly ? "Hide" : "Show";
    byId("key-show").setAttribute("aria-pressed", String(plainly));
  }

  #problem(sentence) {
    byId("key-problem").textContent = sentence;
    byId("key-problem").hidden = !sentence;
  }

  #chip(state, label) {
    byId("account-chip").dataset.state = state;
    byId("account-label").textContent = label;
  }
}

/** Takes a key out of the fragment, and the fragment out of the address bar. */
function takeFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return "";
  history.replaceState(history.state, "", location.pathname + location.search);
  return SENDABLE.test(key) ? key : "";
}

function stored() {
  try {
    return sessionStorage.getItem(PLACE) ?? "";
  } catch {
    return ""; // storage is blocked: the key lasts as long as the page
  }
}

function store(key) {
  try {
    if (key) sessionStorage.setItem(PLACE, key);
    else sessionStorage.removeItem(PLACE);
  } catch {
    // as above
  }
}
