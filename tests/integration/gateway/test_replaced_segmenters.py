"""Segmenters that have been replaced by others, at other addresses of their name."""

from collections.abc import Sequence

import pytest

from gateway import segmenter_channel
from gateway.settings import SegmenterSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import image_form
from tests.unit.gateway.fetch.nameserver import running_nameserver

_NAME = "segmenters.test"
_NOBODY = "127.0.0.2"
_HEALTH = "/v2/health"


async def serves_once_asked(
    serve_gateway: ServeGateway,
    segmenter: FakeSegmenter,
    answers: Sequence[Sequence[str]],
    times: int,
) -> None:
    """The segmenter serves a gateway that asked for its name so often, and got these answers."""
    port = segmenter.target.rpartition(":")[2]
    async with running_nameserver() as nameserver:
        nameserver.say(_NAME, *answers)
        host, dns_port = nameserver.endpoint
        settings = SegmenterSettings(target=f"dns://{host}:{dns_port}/{_NAME}:{port}")
        gateway = await serve_gateway(segmenter=settings)

        await gateway.until(lambda: nameserver.asked(_NAME) > times)
        while (await gateway.ask("GET", _HEALTH)).status != 200:
            pass
        reply = await gateway.post(image_form())

    assert reply.status == 200


async def test_a_name_is_asked_for_again_although_it_was_a_moment_ago(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    await serves_once_asked(serve_gateway, segmenter, [[_NOBODY], ["127.0.0.1"]], 1)


async def test_a_name_that_had_no_address_for_long_is_asked_for_as_often_as_at_first(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmenter_channel, "LOST_S", 0.2)
    # Asked less and less often, the last of these would be due in a quarter of an hour.
    await serves_once_asked(serve_gateway, segmenter, [*[[]] * 20, ["127.0.0.1"]], 20)
