"""Cuts the subject out of one photo.

To run it:

    pip install '.[client]'
    export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
    python examples/python_remove.py photo.jpg cut-out.webp
"""

import sys
from pathlib import Path

from mattebox.client import Client, InvalidImageError, MatteboxError

source, target = Path(sys.argv[1]), Path(sys.argv[2])
with Client.from_environment() as client:
    try:
        cut_out = client.remove(source, format="webp", crop=True)
    except InvalidImageError:
        sys.exit(f"{source} is no image, or a broken one")
    except MatteboxError as error:
        sys.exit(str(error))
if not cut_out.foreground_found:
    sys.exit(f"{source} has no subject")
cut_out.save(target)
print(f"{target}: {cut_out.width_px} x {cut_out.height_px} pixels")
