// A file as multipart with Node's own fetch, FormData and Blob.
import { readFile, writeFile } from "node:fs/promises";

const { BASE_URL, API_KEY, INPUT, OUTPUT } = process.env;

const form = new FormData();
form.append("image_file", new Blob([await readFile(INPUT)], { type: "image/jpeg" }), "input.jpg");
form.append("format", "png");
form.append("channels", "rgba");
form.append("size", "full");

const response = await fetch(`${BASE_URL}/v2`, {
  method: "POST",
  headers: { "x-api-key": API_KEY },
  body: form,
});
if (!response.ok) {
  throw new Error(`${response.status}: ${await response.text()}`);
}
await writeFile(OUTPUT, Buffer.from(await response.arrayBuffer()));
