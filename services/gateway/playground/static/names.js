// The names of files: of what comes in, and of what is made of it. Pure.

const EXTENSIONS = {
  "image/png": "png",
  "image/webp": "webp",
  "image/tiff": "tiff",
  "image/jpeg": "jpg",
  "image/bmp": "bmp",
  "image/gif": "gif",
};
const OF_FORMAT = { jpg: "jpg", webp: "webp", tiff: "tiff", bmp: "bmp", gif: "gif" };

/** What a result is called when it is saved; `mediaType` is that of the answer. */
export function resultName(source, fields, mediaType) {
  const isMask = fields.channels === "alpha";
  const asked = isMask ? "png" : (OF_FORMAT[fields.format] ?? "png");
  return `${stem(source.name)}-${isMask ? "mask" : "cut-out"}.${EXTENSIONS[mediaType] ?? asked}`;
}

/** The last part of a URL's path, or its host where there is none. */
export function nameInUrl(url) {
  try {
    const { pathname, hostname } = new URL(url);
    const last = pathname.split("/").filter(Boolean).pop();
    return last ? decodeURIComponent(last) : hostname;
  } catch {
    return "picture";
  }
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "").replace(/[/\\:]/g, "-") || "picture";
}
