// Cuts the subject out of one photo with Node 20 or later, and tries again where that may help.
//
//   export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
//   node examples/node_fetch.mjs photo.jpg cut-out.png
import { openAsBlob } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const { MATTEBOX_URL = "http://127.0.0.1:8080", MATTEBOX_KEY = "" } = process.env;
const [source, target] = process.argv.slice(2);
const ATTEMPTS = 3;
const LONGEST_PAUSE_S = 20;

async function remove(image, options) {
  const form = new FormData();
  form.append("image_file", image, "image");
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  return fetch(`${MATTEBOX_URL}/v2`, {
    method: "POST",
    headers: { "x-api-key": MATTEBOX_KEY },
    body: form,
    redirect: "error", // a key does not go where an answer points
    signal: AbortSignal.timeout(60_000),
  });
}

// What Retry-After asks for, which is seconds or a date.
function askedForS(response) {
  const written = response.headers?.get("retry-after") ?? "";
  if (/^\d+$/.test(written)) return Number(written);
  return Math.max(0, (Date.parse(written) - Date.now()) / 1000) || 0;
}

const image = await openAsBlob(source);
let response;
for (let attempt = 1; ; attempt++) {
  response = await remove(image, { format: "png", crop: "true" }).catch((error) => error);
  const mayPass =
    response instanceof Error || [408, 429].includes(response.status) || response.status >= 500;
  const askedS = askedForS(response);
  if (!mayPass || attempt === ATTEMPTS || askedS > LONGEST_PAUSE_S) break;
  await sleep(1000 * Math.min(askedS + Math.random() * 2 ** attempt, LONGEST_PAUSE_S));
}
if (response instanceof Error) throw response;
if (!response.ok) {
  const { error } = await response.json();
  console.error(`${error.message} (${error.code}, ${error.request_id})`);
  process.exit(1);
}
// Whole or not at all, also if the connection breaks.
try {
  await writeFile(`${target}.part`, response.body);
  await rename(`${target}.part`, target);
} catch (error) {
  await rm(`${target}.part`, { force: true });
  throw error;
}
const [width, height] = ["x-width", "x-height"].map((name) => response.headers.get(name));
console.log(`${target}: ${width} x ${height} pixels`);
