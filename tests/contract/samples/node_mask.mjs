// The legacy member "image", which is answered with the mask.
import { readFile, writeFile } from "node:fs/promises";

const { BASE_URL, API_KEY, INPUT, OUTPUT } = process.env;

const response = await fetch(`${BASE_URL}/v2`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ api_key: API_KEY, image: (await readFile(INPUT)).toString("base64") }),
});
const { mask } = await response.json();
await writeFile(OUTPUT, Buffer.from(mask, "base64"));
