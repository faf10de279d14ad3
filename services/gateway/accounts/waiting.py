"""Waits at the start for a database that is not there yet. What waiting does not mend, it tells."""

import asyncio

from structlog.typing import FilteringBoundLogger

from gateway.accounts.pepper import read_pepper
from gateway.accounts.store import StoreAwayError, reach_server
from gateway.settings import GatewaySettings

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0


async def wait_for_database(settings: GatewaySettings, log: FilteringBoundLogger) -> None:
    """Returns once the server of the database lets us in; at once where there is no server.

    Raises:
        StoreAwayError: it could not be reached in the time that the settings give it.
        StoreError: the URL is no database's, or the server does not let us in.
        PepperError: the pepper is missing or damaged.
    """
    url = settings.database.url.get_secret_value()
    # Of no use yet: only that nobody waits first, to hear of it then.
    read_pepper(settings.keys, url)
    loop = asyncio.get_running_loop()
    wait_s = settings.database.wait_s
    deadline_s = loop.time() + wait_s
    pause_s = _FIRST_PAUSE_S
    waits = False
    while True:
        try:
            await reach_server(url, timeout_s=settings.database.timeout_s)
        except StoreAwayError as error:
            left_s = deadline_s - loop.time()
            if left_s <= 0:
                raise StoreAwayError(_given_up(error, wait_s)) from error
            if not waits:
                log.warning("database_awaited", reason=str(error), wait_s=wait_s)
            waits = True
            await asyncio.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        else:
            break
    if waits:
        log.info("database_reached")


def _given_up(error: StoreAwayError, wait_s: float) -> str:
    return f"{error} Waited {wait_s:g} s for it." if wait_s else str(error)
