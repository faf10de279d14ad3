"""Makes the picture of the playground that the README shows, out of a running Mattebox.

mattebox up --ready-file ready.json
python docs/make_playground_picture.py ready.json

It needs Chromium on the system, as the tests of the playground do.
"""

import io
import json
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect, sync_playwright

PICTURE = Path(__file__).parent / "images" / "playground.jpg"
VIEW = {"width": 1280, "height": 800}
SHARPNESS = 1.5
# To the end of the row of pictures; what comes under it is another picture's business.
SHOWN: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 706}
QUALITY = 82


def main() -> None:
    """Writes docs/images/playground.jpg."""
    facts = json.loads(Path(sys.argv[1]).read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        shot = screenshot(browser, f"{facts['http']}/#key={facts['api_key']}")
        browser.close()
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").save(PICTURE, quality=QUALITY, optimize=True, progressive=True)


def screenshot(browser: Browser, url: str) -> bytes:
    """The page in the light theme, once it has cut out several photos; PNG."""
    page = browser.new_page(
        viewport={"width": VIEW["width"], "height": VIEW["height"]},
        device_scale_factor=SHARPNESS,
        color_scheme="light",
        reduced_motion="reduce",
    )
    page.goto(url, wait_until="networkidle")
    for sample in ("rocket", "chelsea", "coffee"):
        page.click(f"[data-sample={sample}]")
        page.wait_for_selector("#stage[data-state=done]")
        if sample != "coffee":
            page.click("#add")
    page.fill("#wipe", "42")
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_function("document.querySelectorAll('#strip [data-state=done]').length === 3")
    return page.screenshot(clip=SHOWN)


if __name__ == "__main__":
    main()
