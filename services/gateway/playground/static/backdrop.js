// What is shown behind a cut-out on this page. It changes nothing about the answer.

import { byId, checkedValue } from "./dom.js";

export function connectBackdrop() {
  const sheet = byId("sheet");
  let url = "";

  const show = (kind) => {
    sheet.dataset.backdrop = byId("backdrop").dataset.kind = kind;
    for (const radio of document.querySelectorAll('input[name="backdrop"]')) {
      radio.checked = radio.value === kind;
    }
  };

  byId("backdrop").addEventListener("change", ({ target }) => {
    if (target.name === "backdrop") show(checkedValue("backdrop"));
  });
  for (const kind of ["click", "input"]) {
    byId("backdrop-colour").addEventListener(kind, () => {
      sheet.style.setProperty("--behind", byId("backdrop-colour").value);
      show("colour");
    });
  }
  byId("backdrop-file").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(file);
    sheet.style.setProperty("--behind-picture", `url("${url}")`);
    show("picture");
  });
}
