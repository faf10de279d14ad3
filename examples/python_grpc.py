"""Cuts the subjects out of photos over one gRPC stream, without the gateway and without a key.

The segmenter trusts whoever reaches it: this is for programs inside of its own network.

To run it:

    pip install '.[client]'
    MATTEBOX_GRPC=127.0.0.1:50051 python examples/python_grpc.py cut-outs/ photo.jpg another.jpg
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from mattebox.client import ApiError, MatteboxError
from mattebox.client.grpc import Segmenter

folder, photos = Path(sys.argv[1]), sys.argv[2:]
if len({Path(photo).name for photo in photos}) < len(photos):
    sys.exit("Two photos have the same name, and so would their cut-outs.")


def images() -> Iterator[tuple[str, bytes]]:
    """Reads each photo when the segmenter has room for it."""
    for photo in photos:
        yield photo, Path(photo).read_bytes()


folder.mkdir(parents=True, exist_ok=True)
failed = 0
with Segmenter(os.environ.get("MATTEBOX_GRPC", "127.0.0.1:50051")) as segmenter:
    try:
        for photo, outcome in segmenter.remove_many(images(), format="png", bg_color="teal"):
            if isinstance(outcome, ApiError):
                failed += 1
                print(f"{photo}: {outcome}", file=sys.stderr)
            else:
                outcome.save(folder / f"{Path(photo).name}.png")
    except (MatteboxError, OSError) as error:
        sys.exit(str(error))
print(f"{len(photos) - failed} done, {failed} failed")
sys.exit(failed > 0)
