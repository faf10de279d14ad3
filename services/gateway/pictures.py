"""The two pictures that a request may bring, and which of them an error is about."""

import contextlib
from collections.abc import Iterator
from enum import Enum

from gateway.errors import ApiError, FetchFailedError, InvalidImageUrlError

DETAIL = "image"
"""The detail of an error that names the picture it is about, unless that is the image."""

URL_FIELD = "image_url"
"""What the sentences of errors call the field of a URL."""


class Slot(Enum):
    """Which picture of a request it is."""

    IMAGE = "image"
    """The image whose background is removed."""

    BACKGROUND = "background"
    """The picture to put behind its subject."""


@contextlib.contextmanager
def about(slot: Slot, url_field: str = URL_FIELD) -> Iterator[None]:
    """Marks errors that leave the context as being about the picture in ``slot``.

    Those about its URL name ``url_field``.
    """
    try:
        yield
    except ApiError as error:
        mark(error, slot)
        if isinstance(error, InvalidImageUrlError | FetchFailedError):
            error.args = (str(error).replace(URL_FIELD, url_field, 1),)
        raise


def mark(error: ApiError, slot: Slot) -> None:
    """Marks ``error`` as being about the picture in ``slot``."""
    if slot is not Slot.IMAGE:
        error.details[DETAIL] = slot.value


def slot_of(error: ApiError) -> Slot:
    """The picture that ``error`` is about, if it is about one."""
    is_other = error.details.get(DETAIL) == Slot.BACKGROUND.value
    return Slot.BACKGROUND if is_other else Slot.IMAGE
