"""Asks a URL once whether it answers 200: `python -m telemetry.probe URL`.

For container engines that look after a process from inside, in images without a shell or curl.
"""

import http.client
import sys
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0


def main() -> None:
    """Exits 0 where it does, and 1 with a reason where it does not."""
    try:
        (url,) = sys.argv[1:]
    except ValueError:
        sys.exit("Usage: python -m telemetry.probe URL")
    if problem := probe(url):
        sys.exit(problem)


def probe(url: str) -> str | None:
    """Says in one line why a URL of plain HTTP does not answer 200; None where it does.

    Neither proxies nor redirects are followed.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path or "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{url} does not answer: {error}"
    finally:
        connection.close()
    return None if status == http.HTTPStatus.OK else f"{url} answers {status}"


if __name__ == "__main__":
    main()
