// Puts the page together: what comes in goes through the queue, and what is selected is shown.

import { advice, concernsKey } from "./advice.js";
import { ENDPOINT, Service } from "./api.js";
import { connectBackdrop } from "./backdrop.js";
import { Compare } from "./compare.js";
import { announce, byId, checkedValue, copyText, flash, millisecondsText, notice } from "./dom.js";
import { showFacts } from "./facts.js";
import { Keyring } from "./key.js";
import { resultName } from "./names.js";
import { Options } from "./options.js";
import { MOST_PICTURES, Queue } from "./queue.js";
import { canCopyImages, copyImage, save } from "./saving.js";
import { snippet } from "./snippets.js";
import { connectSources } from "./sources.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";

const EXAMPLE = { name: "photo.jpg" };

let selected = null;

const keyring = new Keyring(() => queue.goOn(concernsKey));
const service = new Service(keyring.key);
const options = new Options(() => refreshSelected());
const queue = new Queue(service.removeBackground.bind(service), shownFields, changed);
const stage = new Stage(new Compare(), queue);
const strip = new Strip({ select, remove, retry: (item) => queue.restart(item) });

/** The fields with which a picture is made for the page: a TIFF is shown as the PNG it equals. */
function shownFields() {
  const { format, ...others } = options.fields();
  return format && format !== "tiff" ? { format, ...others } : others;
}

function add(sources) {
  const added = queue.add(sources);
  if (added.length < sources.length) {
    notice(`There is room for ${MOST_PICTURES} pictures; the others were left out.`);
  }
  if (!added.length) return;
  const wasThere = byId("sources").contains(document.activeElement); // and is hidden now
  select(added[0]);
  if (wasThere) strip.focus(selected);
}

function select(item) {
  selected = queue.preferred = item;
  if (item && isToBeRenewed(item)) queue.restart(item);
  queue.prune(selected);
  render();
}

/** Whether showing an item asks for it anew: not where memory or the key is what is missing. */
function isToBeRenewed(item) {
  const mayBe = item.state === "done" || (item.state === "failed" && !concernsKey(item.refusal));
  return mayBe && queue.isStale(item);
}

function remove(item) {
  const place = queue.items.indexOf(item);
  queue.remove(item);
  if (item === selected) select(queue.items[place] ?? queue.items[place - 1] ?? null);
  else render();
  const next = queue.items[place] ?? queue.items[place - 1];
  if (next) strip.focus(next);
  else byId("files").focus();
}

function refreshSelected() {
  if (selected && queue.isStale(selected)) queue.restart(selected);
  render();
}

function changed(item) {
  if (item === selected) tell(item);
  if (item.state === "failed") {
    options.complain(item.refusal.fields);
    if (concernsKey(item.refusal)) keyring.ask(item.refusal.message);
  }
  if (item.state === "done") queue.prune(selected);
  render();
}

function tell({ state, source, result, refusal }) {
  if (state === "sending") announce(`Removing the background of ${source.name}.`);
  if (refusal && state !== "sending") announce(refusal.message);
  if (state !== "done") return;
  const found = result.found ? "" : " No subject was found.";
  announce(`${source.name} is done in ${millisecondsText(result.totalMs)} milliseconds.${found}`);
}

async function render() {
  const item = selected;
  const isReady = item?.state === "done" && Boolean(item.result);
  strip.show(queue.items, item);
  byId("failure-all").hidden = queue.items.filter(({ state }) => state === "failed").length < 2;
  byId("download").disabled = !isReady || Boolean(item.saving);
  byId("copy-image").disabled = !isReady || !canCopyImages;
  showCode();
  if (await stage.show(item)) showFacts(item, stage.originalSize);
}

function showCode() {
  const source = selected?.source ?? EXAMPLE;
  const fields = options.fields();
  const output = resultName(source, fields, "");
  byId("code").textContent = snippet(checkedValue("language"), ENDPOINT, source, fields, output);
}

async function download() {
  const item = selected;
  const { source, result } = item;
  const fields = options.fields();
  if (fields.format !== "tiff") {
    return save(result.blob, resultName(source, result.fields, result.mediaType));
  }
  item.saving = true;
  render();
  try {
    const made = await service.removeBackground(source, fields);
    save(made.blob, resultName(source, fields, made.mediaType));
  } catch (refusal) {
    notice(`${refusal.message} ${advice(refusal)}`);
    if (concernsKey(refusal)) keyring.ask(refusal.message);
    queue.heed(refusal);
    await wait(refusal.retryAfterS ?? 0);
  } finally {
    item.saving = false;
    render();
  }
}

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

byId("download").addEventListener("click", download);
byId("copy-image").addEventListener("click", async ({ currentTarget: button }) => {
  const copied = await copyImage(selected.result.blob).then(() => true, () => false);
  flash(button, copied ? "Copied" : "Failed");
});
byId("copy-image").title = canCopyImages
  ? "Copy the picture"
  : "Browsers copy pictures on HTTPS and on localhost only";
byId("copy-code").addEventListener("click", async ({ currentTarget: button }) => {
  flash(button, (await copyText(byId("code").textContent)) ? "Copied" : "Failed");
});
byId("language").addEventListener("change", showCode);
byId("add").addEventListener("click", () => {
  select(null);
  byId("files").focus();
  byId("files").click();
});
byId("failure-retry").addEventListener("click", () => queue.restart(selected));
byId("failure-all").addEventListener("click", () => queue.retryAll(() => true));
byId("failure-key").addEventListener("click", () => keyring.ask(selected.refusal.message));
byId("options").addEventListener("input", showCode);

// What is shown begins with the defaults, also where the browser comes back to the page.
for (const input of document.querySelectorAll("input")) input.autocomplete = "off";
connectBackdrop();
connectSources(add);
keyring.connect(service);
render();
