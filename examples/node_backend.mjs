// A backend of an own site: takes a photo from the browser, and answers with the cut-out.
// The key stays here, the photo passes through without being held, and so does the answer.
//
//   export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
//   PORT=3000 node examples/node_backend.mjs
//   curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' -o cut-out.webp http://127.0.0.1:3000/cut-out
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const { MATTEBOX_URL = "http://127.0.0.1:8080", MATTEBOX_KEY = "", PORT = "3000" } = process.env;
// Chosen here, so that no visitor chooses how much work there is.
const OPTIONS = new URLSearchParams({ format: "webp", size: "hd", crop: "true" });

async function cutOut(request, response) {
  const gone = new AbortController();
  response.on("close", () => gone.abort()); // nobody waits for it any more
  const answer = await fetch(`${MATTEBOX_URL}/v2?${OPTIONS}`, {
    method: "POST",
    headers: { "x-api-key": MATTEBOX_KEY, "Content-Type": "application/octet-stream" },
    body: Readable.toWeb(request),
    duplex: "half",
    redirect: "error",
    signal: AbortSignal.any([gone.signal, AbortSignal.timeout(60_000)]),
  });
  if (answer.ok) {
    response.writeHead(200, { "Content-Type": answer.headers.get("content-type") });
    await pipeline(Readable.fromWeb(answer.body), response);
    return;
  }
  const { error } = await answer.json();
  // What is wrong with a photo is for its owner; what is wrong with this backend is for its log.
  const isTheirs = [400, 408, 413, 415].includes(error.status);
  console.error(`${error.code}: ${error.message} (${error.request_id})`);
  response.writeHead(isTheirs ? error.status : 503, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ message: isTheirs ? error.message : "Try again later." }));
}

const server = createServer((request, response) => {
  if (request.method !== "POST" || request.url !== "/cut-out") {
    response.writeHead(404).end();
    return;
  }
  cutOut(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(503);
    response.end();
  });
});
server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
