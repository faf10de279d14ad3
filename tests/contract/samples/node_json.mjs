// Base64 in JSON, and JSON with base64 back.
import { readFile, writeFile } from "node:fs/promises";

const { BASE_URL, API_KEY, INPUT, OUTPUT } = process.env;

const response = await fetch(`${BASE_URL}/v2`, {
  method: "POST",
  headers: { "Content-Type": "application/json", Authorization: `Bearer ${API_KEY}` },
  body: JSON.stringify({
    image_base64: (await readFile(INPUT)).toString("base64"),
    format: "webp",
    bg_color: "teal",
    crop: true,
  }),
});
if (!response.ok) {
  const { error } = await response.json();
  throw new Error(`${error.status} ${error.code}: ${error.message} (${error.request_id})`);
}
const { image, width, height } = await response.json();
if (!(width > 0 && height > 0)) {
  throw new Error("the answer tells no size");
}
await writeFile(OUTPUT, Buffer.from(image, "base64"));
