"""What the key and the rate of a request cost before anything else is done for it.

    python -m benchmarks.gate [--calls 2000]

The rows with Redis need redis-server or valkey-server.
"""

import argparse
import asyncio
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryDirectory

from gateway.accounts.administration import Administration
from gateway.accounts.caller import Caller, RateLimits
from gateway.accounts.directory import KeyDirectory
from gateway.accounts.keys import KeyRecord
from gateway.accounts.pepper import read_pepper
from gateway.accounts.rate_limits import open_rate_limiter
from gateway.accounts.store import open_store
from gateway.settings import KeysSettings, LimiterSettings

_SERVERS = ("redis-server", "valkey-server")
_UNLIKELY_LIMIT = 10**9

Call = Callable[[], Awaitable[object]]


def main() -> None:
    """Prints a row for each way a request can go."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls: int = parser.parse_args().calls
    print(f"{'':40} {'median':>9} {'p99':>9}")
    asyncio.run(_measure(calls))


async def _measure(calls: int) -> None:
    with TemporaryDirectory(prefix="mattebox-bench-") as folder:
        url = f"sqlite:///{folder}/mattebox.db"
        caller = Caller.of(await _keys(url, calls))
    for limits in (RateLimits(_UNLIKELY_LIMIT, None), RateLimits(_UNLIKELY_LIMIT, 10**6)):
        limited = Caller(caller.key_id, "live", caller.fingerprint, caller.account, limits)
        name = "requests" if limits.megapixels_per_minute is None else "requests and megapixels"
        await _rates(f"rate in memory, {name}", "memory://", limited, calls)
        with _redis() as redis_url:
            if redis_url is not None:
                await _rates(f"rate in Redis, {name}", redis_url, limited, calls)


async def _keys(url: str, calls: int) -> KeyRecord:
    pepper = read_pepper(KeysSettings(), url)
    async with open_store(url) as store:
        operator = Administration(store, pepper)
        await operator.create_account("someone@example.org")
        key, record = await operator.create_key("someone@example.org")
        for name, settings in {
            "key, as it was read before": KeysSettings(),
            "key, read anew (SQLite)": KeysSettings(cache_s=1e-9),
        }.items():
            directory = KeyDirectory(store, pepper, settings)
            await _row(name, partial(directory.recognise, key), calls)
            await directory.close()
    return record


async def _rates(name: str, url: str, caller: Caller, calls: int) -> None:
    settings = LimiterSettings.model_validate({"url": url, "timeout_s": 10})
    async with open_rate_limiter(settings, on_fallback=_fail) as limiter:
        await _row(name, lambda: limiter.admit(caller), calls)


async def _row(name: str, call: Call, calls: int) -> None:
    await call()
    taken_us = []
    for _ in range(calls):
        started_s = time.perf_counter()
        await call()
        taken_us.append((time.perf_counter() - started_s) * 1e6)
    p99_us = statistics.quantiles(taken_us, n=100)[-1]
    print(f"{name:40} {statistics.median(taken_us):6.0f} us {p99_us:6.0f} us")


@contextmanager
def _redis() -> Iterator[str | None]:
    binary = next(filter(None, map(shutil.which, _SERVERS)), None)
    if binary is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await_port(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _await_port(port: int) -> None:
    deadline_s = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
        else:
            return


def _fail() -> None:
    raise RuntimeError("the counter did not answer")


if __name__ == "__main__":
    main()
