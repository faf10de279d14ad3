// The ways for pictures to get onto the page: picked, dropped, pasted, by URL, or a sample.

import { byId, notice } from "./dom.js";
import { nameInUrl } from "./names.js";

/** Hands what comes in to `add`, as sources: a file or a URL, each with a name. */
export function connectSources(add) {
  const addFiles = (files) => {
    if (files.length) add([...files].map((file) => ({ file, name: file.name || "picture" })));
  };
  const addUrl = (url) => add([{ url, name: nameInUrl(url) }]);

  byId("files").addEventListener("change", ({ target }) => {
    addFiles(target.files);
    target.value = ""; // or the same file could not be picked twice
  });
  byId("url-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const url = byId("image-url").value.trim();
    if (!url) return byId("image-url").focus();
    byId("image-url").value = "";
    addUrl(url);
  });
  for (const button of document.querySelectorAll("[data-sample]")) {
    button.addEventListener("click", async () => {
      const name = `${button.dataset.sample}.jpg`;
      try {
        const response = await fetch(new URL(`samples/${name}`, import.meta.url));
        if (!response.ok) throw new Error(response.statusText);
        addFiles([new File([await response.blob()], name, { type: "image/jpeg" })]);
      } catch {
        notice("The sample cannot be loaded.");
      }
    });
  }
  addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    const isText = types.includes("text/plain") && event.target.matches("input, textarea");
    if (!files.length || isText) return;
    event.preventDefault();
    addFiles(files);
  });
  connectDrops(addFiles, addUrl);
}

function connectDrops(addFiles, addUrl) {
  let depth = 0; // each element on the way tells of being entered and left
  const veil = (shown) => (byId("drop-veil").dataset.shown = String(shown));
  const brings = ({ dataTransfer }) =>
    ["Files", "text/uri-list"].some((type) => dataTransfer?.types.includes(type));

  addEventListener("dragenter", (event) => {
    if (brings(event)) veil(++depth > 0);
  });
  addEventListener("dragleave", (event) => {
    if (brings(event)) veil(--depth > 0);
  });
  addEventListener("dragover", (event) => {
    if (brings(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    depth = 0;
    veil(false);
    if (!brings(event)) return;
    event.preventDefault();
    const { files } = event.dataTransfer;
    const [url] = event.dataTransfer.getData("text/uri-list").split(/[\r\n]+/);
    if (files.length) addFiles(files);
    else if (/^https?:/.test(url)) addUrl(url);
  });
}
