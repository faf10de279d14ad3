"""A gateway's own way to find out about frozen segmenters, before a real one."""

import io

import pytest
from benchmarks.fleet.fault_proxy import FaultProxy

from gateway.segmenter_client import SegmenterClient
from gateway.settings import SegmenterSettings
from telemetry.logs import open_log
from tests.integration.segmenter.conftest import Segmenter
from tests.waiting import until


@pytest.mark.slow
async def test_the_pings_of_a_quiet_gateway_are_not_taken_for_an_attack(
    segmenter: Segmenter,
) -> None:
    proxy = FaultProxy(segmenter.port)
    await proxy.start()
    settings = SegmenterSettings(target=f"127.0.0.1:{await proxy.port()}")
    log = open_log("info", "json", io.StringIO())
    gateway = SegmenterClient(settings, lambda _: None, lambda *_: None, log)
    await until(gateway.serving)
    asked = proxy.asked

    await until(lambda: proxy.asked >= asked + 4)  # one more than a server takes that minds

    assert gateway.serving()
    assert proxy.connections == 1
    await gateway.close()
    await proxy.close()
