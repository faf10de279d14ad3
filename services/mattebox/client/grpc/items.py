"""The items of a call for many images: which answer is whose, whatever their names are."""

import time

from mattebox.client.api_errors import ImageTooLargeError, InternalError
from mattebox.client.cut_out import CutOut
from mattebox.client.errors import ApiError, ConnectionFailedError
from mattebox.client.grpc.failures import ENDED_EARLY, error_from_status
from mattebox.client.grpc.messages import cut_out_from_proto
from mattebox.client.sources import bounded_image
from mattebox.segmenter import v1

STREAM_LASTS_S = 600.0
"""Seconds after which a stream takes no more images and the rest goes over a new one.

A segmenter lets go of connections that are more than an hour old, and a new stream also finds
segmenters that were started meanwhile.
"""


class Items:
    """The unanswered items of a call, which are numbered there: their names may be any."""

    def __init__(self, options: v1.CutOutOptions, request_id: str) -> None:
        self._options = options
        self._request_id = request_id
        self._names: dict[str, str] = {}
        self._too_large: dict[str, ImageTooLargeError] = {}
        self._sent = 0
        self._stream_ends_s = 0.0
        self._is_sending = False
        self.is_done = False
        """Whether there are no more images."""

    def begin_stream(self) -> None:
        """Begins a stream."""
        self._stream_ends_s = time.monotonic() + STREAM_LASTS_S
        self._is_sending = True

    def stream_is_over(self) -> bool:
        """Whether what comes next goes over another stream."""
        self._is_sending = time.monotonic() < self._stream_ends_s
        return not self._is_sending

    def finish(self) -> None:
        """Notes that there are no more images."""
        self._is_sending = False
        self.is_done = True

    def expect_answered(self) -> None:
        """Looks at a stream that the segmenter has ended well.

        Raises:
            ConnectionFailedError: it was too soon.
        """
        if self._is_sending or self._names:
            raise ConnectionFailedError(ENDED_EARLY)

    def request(self, name: str, image: bytes) -> v1.StreamRemoveBackgroundRequest:
        """Makes the message that adds an image.

        One of more than 30 MB goes without its bytes: in its place, and at no cost, the segmenter
        then answers that there is none, and `outcome` says what is wrong.
        """
        item_id = str(self._sent)
        self._sent += 1
        self._names[item_id] = name
        try:
            bounded_image(image)
        except ImageTooLargeError as error:
            self._too_large[item_id] = error
            image = b""
        return v1.StreamRemoveBackgroundRequest(item_id=item_id, image=image, options=self._options)

    def outcome(self, answer: v1.StreamRemoveBackgroundResponse) -> tuple[str, CutOut | ApiError]:
        """Reads what became of an item, which is answered with this."""
        name = self._names.pop(answer.item_id)
        if too_large := self._too_large.pop(answer.item_id, None):
            too_large.request_id = self._request_id
            return name, too_large
        if answer.HasField("cut_out"):
            return name, cut_out_from_proto(answer.cut_out, self._request_id)
        error = error_from_status(answer.error, self._request_id)
        if not isinstance(error, ApiError):
            return name, InternalError(str(error), request_id=self._request_id)
        return name, error
