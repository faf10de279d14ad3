"""Has MNN convert a graph and answer pictures with what came of it, in a child process.

    python -P -m mattebox.models.mnn_child graph.onnx form.mnn pictures.npy answers.npy

The converter writes about its work on standard output, and either of the two may end its process
over a graph. Pictures are uint8 [N, H, W, 3]; answers, float32 [2, N, H, W], are those of one by
one and of several cores a picture.
"""

import sys
from pathlib import Path

# The package `MNN` has a command for it that reports to its maker; this is the library beneath.
import _tools
import numpy as np

from segmenter.inference.mnn_network import MnnNetwork

_THREADS = (1, 2)


def main() -> int:
    """Converts and answers; gives the exit code."""
    graph, form, pictures, answers = sys.argv[1:]
    arguments = ["mnnconvert", "-f", "ONNX", "--modelFile", graph, "--MNNModel", form]
    if not _tools.mnnconvert([*arguments, "--bizCode", "mattebox"]):
        return 1
    pictures_u8 = np.load(pictures)
    networks = [MnnNetwork(Path(form), threads) for threads in _THREADS]
    found = [[each.run(picture[np.newaxis])[0] for picture in pictures_u8] for each in networks]
    np.save(answers, np.array(found, np.float32))
    return 0


if __name__ == "__main__":
    sys.exit(main())
