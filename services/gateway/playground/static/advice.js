// What a person can do about each failure, by the code that the service gives it.

const ADVICE = {
  missing_api_key: "Enter the API key of this service; the picture goes on by itself then.",
  invalid_api_key: "Enter another key. Keys are revoked, and `mattebox up` makes a new one each time it starts.",
  subscription_inactive: "Ask whoever runs this service to let the account go on.",
  invalid_image: "Open the file in a viewer to see whether it is whole, and save it again.",
  image_too_large: "Send at most 30 MB and 100 megapixels: save it smaller, or with stronger compression.",
  unsupported_image_format: "Save it as JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP.",
  unsupported_media_type: "Save it as JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP.",
  invalid_bg_color: "Write #rrggbb, a CSS name as teal, or rgb() or hsl().",
  invalid_image_url: "The address must be public, with http or https. The operator may have switched fetching off.",
  image_url_fetch_failed: "The server must be able to fetch it without logging in. Or save the picture and drop it here.",
  rate_limited: "The key has used up its requests of this minute. Try again a little later.",
  overloaded: "The service has more work than it can take on. Try again a little later.",
  unavailable: "The service is starting or restarting. Try again a little later.",
  request_timeout: "The upload was too slow. Try again, or send a smaller file.",
  timeout: "It took too long. Try again, or choose a smaller size.",
  file_gone: "It was moved, deleted or changed after it was chosen. Choose it again.",
  unreachable: "Look whether the service still runs and the network is there, and try again.",
};
const BY_STATUS = {
  401: "invalid_api_key",
  413: "image_too_large",
  415: "unsupported_image_format",
  429: "rate_limited",
  503: "unavailable",
  504: "timeout",
};

/** One sentence or two on what to do about a refusal. */
export function advice(refusal) {
  return (
    ADVICE[refusal.code] ??
    ADVICE[BY_STATUS[refusal.status]] ??
    "Try again. If it stays so, tell whoever runs this service the request id."
  );
}

export function concernsKey(refusal) {
  return refusal?.status === 401;
}
