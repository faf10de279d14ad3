"""A visit to the playground: what a person does there, and what the browser notes meanwhile."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.conftest import ROOT

PHOTOS = ROOT / "services" / "gateway" / "playground" / "static" / "samples"
PATIENCE_MS = 30_000

_NOTING = """
window.noted = { sent: [], violations: [], shift: 0 };
addEventListener("securitypolicyviolation", (event) =>
  noted.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
new PerformanceObserver((list) => list.getEntries().forEach((each) => (noted.shift += each.value)))
  .observe({ type: "layout-shift", buffered: true });
const { fetch } = window;
window.fetch = (url, options = {}) => {
  if (options.body instanceof FormData) {
    noted.sent.push(Object.fromEntries([...options.body].map(
      ([name, value]) => [name, value instanceof File ? value.name : value])));
  }
  return fetch(url, options);
};
"""


class Visit:
    """One page in a context of its own."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_NOTING)
        self.url = url
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_request)

    def open(self, path: str) -> None:
        """Goes to a page of the service, and waits until it rests."""
        self.page.goto(self.url + path, wait_until="networkidle")

    def expect_complaint(self, pattern: str) -> None:
        """Takes one message off the list, which the browser itself writes about a status."""
        (found,) = [each for each in self.complaints if re.search(pattern, each)]
        self.complaints.remove(found)

    def check_quiet(self) -> None:
        """Nothing was complained of, refused by the policy, or asked of another origin."""
        assert self.complaints == []
        assert self.page.evaluate("noted.violations") == []
        elsewhere = [url for url in self.asked if not url.startswith((self.url, "blob:", "data:"))]
        assert elsewhere == []

    @property
    def sent(self) -> list[dict[str, str]]:
        """The forms that were sent, in order; files by their names."""
        found: list[dict[str, str]] = self.page.evaluate("noted.sent")
        return found

    def take_sample(self, name: str = "coffee") -> None:
        """Chooses a sample, and waits for its cut-out."""
        self.page.click(f"[data-sample={name}]")
        self.await_state("done")

    def pick(self, *files: Path | Mapping[str, Any]) -> None:
        """Picks files, as the dialogue would hand them over."""
        self.page.set_input_files("#files", list(files))  # type: ignore[arg-type]

    def await_state(self, state: str) -> None:
        """Waits until the stage shows a cut-out, a failure, or whatever is asked for."""
        self.page.wait_for_selector(f"#stage[data-state={state}]")

    def await_sent(self, count: int) -> None:
        """Waits until so many forms have been sent, and the last is answered."""
        self.page.wait_for_function("count => noted.sent.length === count", arg=count)
        self.await_state("done")

    def choose(self, name: str, value: str) -> None:
        """Chooses one of several, by the label that lies over its radio button."""
        self.page.check(f"input[name={name}][value='{value}']", force=True)

    def download(self) -> tuple[str, bytes]:
        """Presses the button; gives the file's name and content."""
        with self.page.expect_download() as coming:
            self.page.click("#download")
        return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()

    def text(self, selector: str) -> str:
        """What an element says."""
        return self.page.inner_text(selector)

    def shown_pixel(self, x: float, y: float) -> list[int]:
        """The colour of the cut-out at a place, each from 0 to 1, as RGBA of 8 bits."""
        pixel: list[int] = self.page.evaluate(
            """async ([x, y]) => {
              const image = document.getElementById("after");
              const { naturalWidth: width, naturalHeight: height } = image;
              const context = new OffscreenCanvas(width, height).getContext("2d");
              context.drawImage(image, 0, 0);
              return [...context.getImageData(x * width, y * height, 1, 1).data];
            }""",
            [x, y],
        )
        return pixel

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)
