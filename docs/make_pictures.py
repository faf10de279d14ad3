"""Makes the pictures that the README and docs/api.md show, out of a running Mattebox.

mattebox up --ready-file ready.json
python docs/make_pictures.py ready.json
"""

import io
import json
import sys
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
IMAGES = ROOT / "docs" / "images"
BOUNDARY = "mattebox-docs"
SQUARE_PX = 12

TILE = (300, 200)
GAP_PX = 12
LABEL_PX = 34
COLUMNS = 4
FONT, SMALL_FONT = ImageFont.load_default(size=19), ImageFont.load_default(size=13)
INK, PAPER = (32, 32, 32), (255, 255, 255)

ENLARGED = (3000, 2000)
SIZES = ("preview", "medium", "hd", "full")

SCREEN = (28, 178, 74)
SPILL = 0.5
SPILL_REACH_PX = 40
RIM = (170, 5, 470, 205)

Tile = tuple[str, Image.Image]


def main() -> None:
    """Writes docs/images/before_after.jpg and docs/images/options.jpg."""
    service = Service(json.loads(Path(sys.argv[1]).read_text()))
    with Image.open(DATA / "coffee.jpg") as file:
        photo = file.convert("RGB")
    whole = (DATA / "coffee.jpg").read_bytes()
    before_and_after(photo, service.cut_out(whole)).save(IMAGES / "before_after.jpg", quality=88)
    tiles = [("the photo", photo), *option_tiles(service, whole), *screen_tiles(service, photo)]
    tiles[8:8] = [("size", nested_sizes(service, photo))]
    sheet(tiles).save(IMAGES / "options.jpg", quality=84, optimize=True)


class Service:
    """A running Mattebox."""

    def __init__(self, facts: dict[str, str]) -> None:
        self._url = f"{facts['http']}/v2"
        self._headers = {
            "x-api-key": facts["api_key"],
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }

    def cut_out(self, photo: bytes, **options: str) -> Image.Image:
        """Asks the service."""
        parts = [part(name, value.encode()) for name, value in options.items()]
        parts.append(part('image_file"; filename="p', photo))
        body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
        request = urllib.request.Request(self._url, body, self._headers)
        with (
            urllib.request.urlopen(request) as response,
            Image.open(io.BytesIO(response.read())) as answer,
        ):
            return answer.copy()


def part(name: str, value: bytes) -> bytes:
    """Writes one part of a form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n"


def before_and_after(before: Image.Image, after: Image.Image) -> Image.Image:
    """Puts a photo and its cut-out side by side."""
    both = Image.new("RGB", (before.width * 2, before.height))
    both.paste(before, (0, 0))
    both.paste(on_checkerboard(after), (before.width, 0))
    return both


def option_tiles(service: Service, photo: bytes) -> list[Tile]:
    """Shows the photo under one option after the other."""
    wishes = {
        "no option": {},
        "channels=alpha": {"channels": "alpha"},
        "format=jpg": {"format": "jpg"},
        "crop=true": {"crop": "true"},
        "bg_color=#ffcc00": {"bg_color": "#ffcc00"},
        "bg_color=teal": {"bg_color": "teal"},
        "bg_color=#00808080": {"bg_color": "#00808080"},
    }
    return [(label, service.cut_out(photo, **options)) for label, options in wishes.items()]


def nested_sizes(service: Service, photo: Image.Image) -> Image.Image:
    """Lays the sizes of one large photo over each other, all to one scale."""
    large = jpeg(photo.resize(ENLARGED, Image.Resampling.LANCZOS))
    answers = {size: service.cut_out(large, size=size) for size in SIZES}
    scale = TILE[0] / ENLARGED[0]
    shown = Image.new("RGB", TILE, PAPER)
    draw = ImageDraw.Draw(shown)
    for size, answer in reversed(answers.items()):
        width, height = round(answer.width * scale), round(answer.height * scale)
        top = TILE[1] - height
        small = answer.resize((width, height), Image.Resampling.LANCZOS)
        shown.paste(on_checkerboard(small, (238, 246)), (0, top))
        draw.rectangle((0, top, width - 1, TILE[1] - 1), outline=INK)
        place = (width - 4, top + 2)
        draw.rectangle(draw.textbbox(place, size, SMALL_FONT, anchor="ra"), PAPER)
        draw.text(place, size, INK, SMALL_FONT, anchor="ra")
    return shown


def screen_tiles(service: Service, photo: Image.Image) -> list[Tile]:
    """Shows the rim of a cup before a green screen, with and without its light."""
    screen = before_green(photo)
    whole = jpeg(screen)
    shown = [
        ("a green screen", screen),
        ("despill=false", service.cut_out(whole)),
        ("despill=true", service.cut_out(whole, despill="true")),
    ]
    return [(label, image.crop(RIM)) for label, image in shown]


def before_green(photo: Image.Image) -> Image.Image:
    """Puts the cup before a green screen, whose light falls on its edges."""
    with Image.open(DATA / "composite_alpha.png") as file:
        alpha = file.convert("L")
    around = alpha.filter(ImageFilter.GaussianBlur(SPILL_REACH_PX))
    light = around.point([round((255 - level) * SPILL) for level in range(256)])
    screen = Image.new("RGB", photo.size, SCREEN)
    cup = Image.composite(screen, photo, light)
    return Image.composite(cup, screen, alpha)


def jpeg(image: Image.Image) -> bytes:
    """Encodes a photo."""
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=95)
    return encoded.getvalue()


def sheet(tiles: list[Tile]) -> Image.Image:
    """Lays tiles out in rows, with their labels above them."""
    rows = -(-len(tiles) // COLUMNS)
    width = COLUMNS * (TILE[0] + GAP_PX) + GAP_PX
    page = Image.new("RGB", (width, rows * (TILE[1] + LABEL_PX + GAP_PX)), PAPER)
    draw = ImageDraw.Draw(page)
    for number, (label, image) in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        left = GAP_PX + column * (TILE[0] + GAP_PX)
        top = row * (TILE[1] + LABEL_PX + GAP_PX)
        draw.text((left, top + LABEL_PX - 7), label, INK, FONT, anchor="ls")
        page.paste(tile(image), (left, top + LABEL_PX))
        outline = (left - 1, top + LABEL_PX - 1, left + TILE[0], top + LABEL_PX + TILE[1])
        draw.rectangle(outline, outline=(200, 200, 200))
    return page


def tile(image: Image.Image) -> Image.Image:
    """Makes a picture fill a tile as far as its shape allows."""
    scale = min(TILE[0] / image.width, TILE[1] / image.height)
    size = (round(image.width * scale), round(image.height * scale))
    small = on_checkerboard(image.resize(size, Image.Resampling.LANCZOS))
    filled = Image.new("RGB", TILE, (244, 244, 244))
    filled.paste(small, ((TILE[0] - size[0]) // 2, (TILE[1] - size[1]) // 2))
    return filled


def on_checkerboard(image: Image.Image, greys: tuple[int, int] = (205, 255)) -> Image.Image:
    """Lays what is transparent on what stands for transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    y, x = np.mgrid[0 : image.height, 0 : image.width] // SQUARE_PX
    board = Image.fromarray(np.where((x + y) % 2, *greys).astype(np.uint8)).convert("RGB")
    return Image.composite(image.convert("RGB"), board, image.getchannel("A"))


if __name__ == "__main__":
    main()
