"""Words failures for callers of ``/v2``, and for everybody whose dialect is not known."""

from aiohttp import web

from gateway.errors import ApiError


def render_error(error: ApiError, answered_id: str) -> web.Response:
    """Puts ``error`` into the envelope."""
    content = {
        "code": error.code,
        "message": str(error),
        "status": error.status,
        "request_id": answered_id,
        "details": error.details,
    }
    return web.json_response({"error": content}, status=error.status, headers=error.headers)
