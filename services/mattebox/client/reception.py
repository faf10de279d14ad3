"""Takes in an answer piece by piece, within its bounds of time and bytes."""

import time
from collections.abc import Mapping

from mattebox.client.endpoint import MAX_ANSWER_BYTES, Endpoint
from mattebox.client.errors import ConnectionFailedError
from mattebox.client.exchange import Answer


class Reception:
    """The answer to an attempt that begins now and may last ``timeout_s``."""

    def __init__(self, endpoint: Endpoint, timeout_s: float) -> None:
        self._endpoint = endpoint
        self._ends_s = time.monotonic() + timeout_s
        self._pieces: list[bytes] = []
        self._left_bytes = MAX_ANSWER_BYTES

    def add(self, piece: bytes) -> None:
        """Takes the next bytes of the body.

        Raises:
            TimedOutError: the attempt has lasted too long.
            ConnectionFailedError: there are more bytes than any answer has.
        """
        if time.monotonic() > self._ends_s:
            raise self._endpoint.timed_out()
        self._pieces.append(piece)
        self._left_bytes -= len(piece)
        if self._left_bytes < 0:
            raise ConnectionFailedError(f"the answer of {self._endpoint.url} does not end")

    def finish(self, status: int, headers: Mapping[str, str]) -> Answer:
        """Ends the answer; ``headers`` have names in lower case."""
        return Answer(status, headers, b"".join(self._pieces))
