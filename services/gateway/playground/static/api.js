// What the page asks of the service, and what it is told.

/** Where pictures go; beside this page, whatever a proxy puts before its paths. */
export const ENDPOINT = new URL("../v2", import.meta.url).href;

const ACCOUNT = new URL("../v2/account", import.meta.url).href;

/** A request that was not answered with what it asked for. */
export class Refusal extends Error {
  constructor(message, facts) {
    super(message);
    Object.assign(this, { status: 0, code: "", requestId: "", retryAfterS: null, fields: {} }, facts);
  }
}

export class Service {
  /** `key` gives the present API key, or an empty text. */
  constructor(key) {
    this.key = key;
  }

  /** Sends `source`, a file or a URL, with option fields; gives the picture and its facts. */
  async removeBackground(source, fields, signal) {
    const form = new FormData();
    if (source.url) form.append("image_url", source.url);
    else form.append("image_file", source.file, source.name);
    for (const [name, value] of Object.entries(fields)) form.append(name, value);

    const startedMs = performance.now();
    const response = await this.ask(ENDPOINT, { method: "POST", body: form, signal }).catch(
      async (error) => {
        throw error.code === "unreachable" && (await isGone(source.file)) ? gone(source) : error;
      },
    );
    const blob = await response.blob().catch((error) => {
      throw asRefusal(error);
    });
    return { blob, fields, totalMs: performance.now() - startedMs, ...facts(response.headers) };
  }

  /** The account of the present key. */
  async account(signal) {
    return (await this.ask(ACCOUNT, { signal })).json();
  }

  async ask(url, request) {
    const key = this.key();
    const headers = key ? { "x-api-key": key } : {};
    let response;
    try {
      response = await fetch(url, { ...request, headers, cache: "no-store" });
    } catch (error) {
      throw asRefusal(error);
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

/** Whether a file cannot be read: browsers say of that what they say of a network that is away. */
function isGone(file) {
  return file?.slice(0, 1).arrayBuffer().then(() => false, () => true);
}

function gone({ name }) {
  return new Refusal(`${name} is gone, or another file by now.`, { code: "file_gone" });
}

function facts(headers) {
  const stages = serverTiming(headers.get("Server-Timing") ?? "");
  return {
    mediaType: headers.get("Content-Type") ?? "",
    widthPx: Number(headers.get("X-Width")),
    heightPx: Number(headers.get("X-Height")),
    found: headers.get("X-Foreground-Found") !== "false",
    requestId: headers.get("X-Request-Id") ?? "",
    serverMs: stages.get("total"),
    stages: [...stages].filter(([name]) => name !== "total"),
    limit: headers.get("X-RateLimit-Limit"),
    remaining: headers.get("X-RateLimit-Remaining"),
  };
}

function serverTiming(text) {
  const durations = new Map();
  for (const [, name, ms] of text.matchAll(/([\w-]+)[^,]*?;\s*dur=([\d.]+)/g)) {
    durations.set(name, Number(ms));
  }
  return durations;
}

async function refusalOf(response) {
  const told = await response.json().then((body) => body?.error, () => undefined);
  return new Refusal(told?.message ?? `The answer was ${response.status} ${response.statusText}.`, {
    status: response.status,
    code: told?.code ?? "",
    requestId: response.headers.get("X-Request-Id") ?? "",
    retryAfterS: retryAfter(response.headers.get("Retry-After")),
    fields: told?.details?.fields ?? {},
  });
}

/** Seconds to wait, out of a number or a date; null where none are told. */
function retryAfter(text) {
  if (!text) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}

function asRefusal(error) {
  if (error.name === "AbortError") return error;
  return new Refusal("The service cannot be reached.", { code: "unreachable" });
}
