// A file of unknown length, streamed as the body.
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";

const { BASE_URL, API_KEY, INPUT, OUTPUT } = process.env;

const response = await fetch(`${BASE_URL}/v2?channels=alpha`, {
  method: "POST",
  headers: { "x-api-key": API_KEY, "Content-Type": "image/jpeg" },
  body: Readable.toWeb(createReadStream(INPUT)),
  duplex: "half",
});
if (response.headers.get("x-foreground-found") !== "true") {
  throw new Error(`${response.status}: ${await response.text()}`);
}
await writeFile(OUTPUT, Buffer.from(await response.arrayBuffer()));
