"""The handlers that give the playground away, and which requests for ``/`` get it."""

from http import HTTPStatus

from aiohttp import hdrs, web

from gateway.contracts import answering
from gateway.contracts.dialect import Route
from gateway.contracts.media_ranges import media_ranges, quality
from gateway.errors import NotFoundError
from gateway.playground.assets import Asset, packaged_assets

_PAGE = "index.html"
_HTML, _JSON = "text/html", "application/json"

# Everything is the page's own and nothing is inline. Pictures of the visitor's are blobs; a script
# that would write markup out of text is refused by the browser, whatever the text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_PAGE_HEADERS = {
    hdrs.CONTENT_SECURITY_POLICY: POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    hdrs.VARY: hdrs.ACCEPT,
}


def prefers_page(request: web.BaseRequest) -> bool:
    """Tells whether a request would rather have a page than JSON; whoever takes both does not."""
    ranges = media_ranges(answering.accept(request))
    return quality(ranges, _HTML) > quality(ranges, _JSON)


class Playground:
    """The page and its files."""

    def __init__(self) -> None:
        self._assets = packaged_assets()
        self._page = self._assets.pop(_PAGE)

    def routes(self) -> list[Route]:
        """What it answers: the page where people look for it, and the files that it names."""
        return [
            Route("/", "GET", self.page, claims=prefers_page),
            Route("/playground", "GET", self.page),
            Route("/playground/{asset}", "GET", self.asset),
            Route("/playground/{folder}/{asset}", "GET", self.asset),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Answers with the page.

        It names its files relative to ``/`` and ``/playground``, whatever a proxy puts before them;
        with a slash behind it they would be looked for elsewhere.
        """
        if request.path != "/" and request.path.endswith("/"):
            return web.Response(
                status=HTTPStatus.PERMANENT_REDIRECT, headers={hdrs.LOCATION: "../playground"}
            )
        return _answer(request, self._page, _PAGE_HEADERS)

    async def asset(self, request: web.Request) -> web.Response:
        """Answers with a file of the page."""
        folder, name = request.match_info.get("folder"), request.match_info["asset"]
        asset = self._assets.get(name if folder is None else f"{folder}/{name}")
        if asset is None:
            raise NotFoundError
        return _answer(request, asset, {})


def _answer(request: web.Request, asset: Asset, headers: dict[str, str]) -> web.Response:
    """The file, or 304 to a browser that has it, which asks each time: an upgrade shows at once."""
    headers = {hdrs.ETAG: f'"{asset.tag}"', hdrs.CACHE_CONTROL: "no-cache", **headers}
    if any(known.value in {asset.tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return web.Response(
        body=asset.body, content_type=asset.content_type, charset=asset.charset, headers=headers
    )
