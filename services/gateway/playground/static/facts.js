// What is known of a result: sizes, the stages on the server, the limits of the key.

import { byId, bytesText, element, millisecondsText } from "./dom.js";

// In the order in which a picture passes them, whatever the order in the header.
const STAGES = {
  decode: "Decode",
  model_input: "Model input",
  queue: "Queue",
  infer: "Network",
  matte: "Matte",
  compose: "Compose",
  encode: "Encode",
};

const UNKNOWN = "–";
const NO_PAIRS = Object.fromEntries(
  ["Sent", "Received", "Type", "Subject", "This minute", "Request"].map((name) => [name, UNKNOWN]),
);

/** Shows the facts of an item's result; `originalSize` is null where it is not known. */
export function showFacts(item, originalSize) {
  const result = item?.state === "failed" ? null : item?.result;
  const pairs = result ? pairsOf(item, originalSize) : NO_PAIRS;
  byId("pairs").replaceChildren(
    ...Object.entries(pairs).flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", { className: name === "Request" ? "mono" : "" }, value),
    ]),
  );
  byId("total").textContent = `${result ? millisecondsText(result.totalMs) : UNKNOWN} ms`;
  byId("total-note").textContent =
    result?.serverMs === undefined
      ? "in all"
      : `in all, ${millisecondsText(result.serverMs)} in the segmenter`;
  showStages(result?.stages ?? Object.keys(STAGES).map((name) => [name, null]));
}

function pairsOf({ source, result }, originalSize) {
  const sent = source.file ? bytesText(source.file.size) : "fetched by the server";
  const pixels = (size) => `${size.widthPx} × ${size.heightPx} px`;
  return {
    Sent: originalSize ? `${pixels(originalSize)}, ${sent}` : sent,
    Received: `${pixels(result)}, ${bytesText(result.blob.size)}`,
    Type: result.mediaType,
    Subject: result.found ? "found" : "none found",
    "This minute": result.limit ? `${result.remaining} of ${result.limit} requests left` : UNKNOWN,
    Request: result.requestId,
  };
}

function showStages(stages) {
  const known = Object.keys(STAGES);
  const place = ([name]) => (known.indexOf(name) + known.length + 1) % (known.length + 1);
  const ordered = [...stages].sort((one, other) => place(one) - place(other));
  const wholeMs = ordered.reduce((sum, [, ms]) => sum + ms, 0) || 1;
  let passedMs = 0;
  byId("stages").replaceChildren(
    ...ordered.map(([name, ms]) => {
      const bar = element("i", { hidden: ms === null });
      bar.style.setProperty("--from", `${(passedMs / wholeMs) * 100}%`);
      bar.style.setProperty("--share", `${(ms / wholeMs) * 100}%`);
      passedMs += ms;
      const cell = element("td", { className: "bar" }, bar);
      cell.append(element("span", { className: "unseen" }, `${Math.round((ms / wholeMs) * 100)} %`));
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, STAGES[name] ?? name),
        cell,
        element("td", {}, ms === null ? UNKNOWN : millisecondsText(ms)),
      );
    }),
  );
}
