"""The finished picture, as it comes back over either wire."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from mattebox.client.writing import write_whole


@dataclass(frozen=True, slots=True)
class CutOut:
    """A finished picture, encoded, and what is known of it."""

    image: bytes = field(repr=False)
    """The encoded picture."""

    media_type: str
    """The type of ``image``, such as ``image/png``."""

    width_px: int
    height_px: int

    foreground_found: bool
    """Whether a subject was found. Where none was, the picture is wholly transparent."""

    request_id: str
    """How the service's log calls the request."""

    timings_ms: Mapping[str, float]
    """Milliseconds of each stage on the server, in order: ``queue``, ``decode``, ``model_input``,
    ``infer``, ``matte``, ``compose``, ``encode``, and ``total``."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture, so that nobody ever finds half a file at ``path``; see `write_whole`.

        Raises:
            OSError: it cannot be written; what stood there stays.
        """
        write_whole(path, self.image)
