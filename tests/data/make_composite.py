"""Makes composite.jpg and composite_alpha.png: a subject on another ground, with exact alpha.

The subject is the cup of coffee.jpg, whose outline is two ellipses (measured by eye and drawn
three pixels inside); the ground is rocket.jpg. Run it from anywhere: python make_composite.py
"""

from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
SAUCER = (81, 53, 476, 385)
CUP = (177, 23, 409, 210)
OVERSAMPLING = 4


def main() -> None:
    """Writes both pictures."""
    with Image.open(HERE / "coffee.jpg") as photo:
        cup = photo.convert("RGB")
    with Image.open(HERE / "rocket.jpg") as photo:
        ground = photo.convert("RGB").resize(cup.size, Image.Resampling.LANCZOS)
    alpha = Image.new("L", (cup.width * OVERSAMPLING, cup.height * OVERSAMPLING))
    for ellipse in (SAUCER, CUP):
        box = [edge * OVERSAMPLING for edge in ellipse]
        ImageDraw.Draw(alpha).ellipse(box, fill=255)
    alpha = alpha.resize(cup.size, Image.Resampling.BOX)
    Image.composite(cup, ground, alpha).save(HERE / "composite.jpg", quality=92)
    alpha.save(HERE / "composite_alpha.png", optimize=True)


if __name__ == "__main__":
    main()
