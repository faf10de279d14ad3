"""Makes the pictures that the README shows, out of a running Mattebox.

mattebox up --ready-file ready.json
python docs/make_pictures.py ready.json
"""

import io
import json
import sys
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "tests" / "data" / "coffee.jpg"
BOUNDARY = "mattebox-docs"
TILE_PX = 12


def main() -> None:
    """Writes docs/images/before_after.jpg."""
    facts = json.loads(Path(sys.argv[1]).read_text())
    with Image.open(PHOTO) as photo:
        before = photo.convert("RGB")
    with Image.open(io.BytesIO(cut_out(facts))) as answer:
        after = Image.composite(answer.convert("RGB"), checkerboard(answer.size), answer.split()[3])
    both = Image.new("RGB", (before.width * 2, before.height))
    both.paste(before, (0, 0))
    both.paste(after, (before.width, 0))
    both.save(ROOT / "docs" / "images" / "before_after.jpg", quality=88)


def cut_out(facts: dict[str, str]) -> bytes:
    """Asks the service."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; filename="p"\r\n\r\n'
    )
    request = urllib.request.Request(
        f"{facts['http']}/v2",
        head.encode() + PHOTO.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode(),
        {
            "x-api-key": facts["api_key"],
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        },
    )
    with urllib.request.urlopen(request) as response:
        body: bytes = response.read()
    return body


def checkerboard(size: tuple[int, int]) -> Image.Image:
    """Draws what stands for transparency."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]] // TILE_PX
    return Image.fromarray(np.where((x + y) % 2, 205, 255).astype(np.uint8)).convert("RGB")


if __name__ == "__main__":
    main()
