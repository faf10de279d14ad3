"""The handlers that give the description of the API away. Everything is made once a process."""

from functools import cache

from aiohttp import hdrs, web

from gateway.reference.document import Document, read_packaged
from gateway.reference.page import Page


class Reference:
    """The OpenAPI document and its page."""

    def __init__(self) -> None:
        self._document, page = _made()
        self._page = page.html
        self._page_headers = {
            hdrs.CONTENT_SECURITY_POLICY: page.policy,
            hdrs.REFERRER_POLICY: "no-referrer",
        }

    async def openapi(self, _request: web.Request) -> web.Response:
        """Answers with the document for machines."""
        return web.Response(body=self._document, content_type="application/json", charset="utf-8")

    async def page(self, _request: web.Request) -> web.Response:
        """Answers with the page for people."""
        return web.Response(
            body=self._page,
            content_type="text/html",
            charset="utf-8",
            headers=self._page_headers,
        )


@cache
def _made() -> tuple[bytes, Page]:
    document = read_packaged()
    return document, Page(Document.from_json(document))
