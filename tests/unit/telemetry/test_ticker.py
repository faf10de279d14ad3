import io
import json

from telemetry.logs import open_log
from telemetry.ticker import Ticker
from tests.waiting import until


async def test_it_goes_on_whatever_a_tick_does_and_tells_it_once() -> None:
    stream, ticks = io.StringIO(), 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks in {1, 2, 3, 5}:
            raise OSError("the certificate of secret.example")

    ticker = Ticker(tick, open_log("info", "json", stream), period_s=0.001)
    ticker.start()
    await until(lambda: ticks > 6)
    await ticker.stop()

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["unforeseen_error"] * 2
    assert all(line["exception"].endswith("OSError") for line in lines)


async def test_stopped_it_does_nothing_more() -> None:
    ticks: list[int] = []
    ticker = Ticker(lambda: ticks.append(1), open_log("info", "json", io.StringIO()), period_s=0)
    await ticker.stop()
    ticker.start()
    await until(lambda: len(ticks) > 1)

    await ticker.stop()

    told = len(ticks)
    other = Ticker(lambda: ticks.append(2), open_log("info", "json", io.StringIO()), period_s=0)
    other.start()
    await until(lambda: ticks.count(2) > 1)
    await other.stop()
    assert ticks.count(1) == told
