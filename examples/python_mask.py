"""Asks for the mask only, and puts the subject before another background with Pillow.

A mask is smaller than a cut-out, and one mask serves any number of backgrounds.

To run it:

    pip install '.[client]' pillow
    export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
    python examples/python_mask.py photo.jpg background.jpg composed.jpg
"""

import io
import sys
from pathlib import Path

from PIL import Image, ImageOps

from mattebox.client import Client, MatteboxError

with Client.from_environment() as client:
    try:
        answer = client.remove(Path(sys.argv[1]), channels="alpha")
    except MatteboxError as error:
        sys.exit(str(error))

mask: Image.Image = Image.open(io.BytesIO(answer.image))
# The mask is that of the upright photo, as its EXIF orientation has it.
subject = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")
# Photos of more than 50 megapixels get a smaller mask.
if mask.size != subject.size:
    mask = mask.resize(subject.size, Image.Resampling.BICUBIC)
background = ImageOps.fit(Image.open(sys.argv[2]).convert("RGB"), subject.size)
Image.composite(subject, background, mask).save(sys.argv[3], quality=92)
print(f"{sys.argv[3]}: {subject.width} x {subject.height} pixels")
