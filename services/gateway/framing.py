"""Where a request ends, and whether others may see another end of it than the gateway does."""

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web

from gateway.errors import BadRequestError

_VERSIONS = (HttpVersion10, HttpVersion11)
_CODINGS: tuple[list[str], ...] = ([], ["chunked"])


def body_is_unread(request: web.Request) -> bool:
    """Whether something of its body has not been read, which the next request would begin with."""
    body = request.content
    return request.body_exists and (not body.is_eof() or body.exception() is not None)


def check_framing(request: web.Request) -> None:
    """Refuses a request that is oddly framed.

    Raises:
        BadRequestError: it is.
    """
    if is_oddly_framed(request):
        raise BadRequestError(
            "Send HTTP/1.1 or HTTP/1.0, and in Transfer-Encoding nothing but chunked, once."
        )


def is_oddly_framed(request: web.Request) -> bool:
    """Whether other readers, a proxy in front say, may see another end of the request than we."""
    codings = [coding.lower() for coding in request.headers.getall(hdrs.TRANSFER_ENCODING, ())]
    return request.version not in _VERSIONS or codings not in _CODINGS
