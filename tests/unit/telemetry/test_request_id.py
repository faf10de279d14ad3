import re
import uuid

import pytest

from telemetry.request_id import choose_request_id, new_request_id


def test_new_ids_are_version_7_uuids_after_a_prefix() -> None:
    request_id = new_request_id()

    assert re.fullmatch(r"req_[0-9a-f]{32}", request_id)
    value = uuid.UUID(request_id.removeprefix("req_"))
    assert (value.version, value.variant) == (7, uuid.RFC_4122)


def test_new_ids_differ_and_sort_by_time_in_milliseconds() -> None:
    ids = [new_request_id() for _ in range(500)]

    assert len(set(ids)) == 500
    stamps = [request_id[:16] for request_id in ids]
    assert stamps == sorted(stamps)


def test_a_new_id_is_itself_well_formed() -> None:
    request_id = new_request_id()

    assert choose_request_id(request_id) == request_id


@pytest.mark.parametrize("offered", ["a", "0", "A.b_c-9", "x" * 64])
def test_well_formed_ids_are_kept(offered: str) -> None:
    assert choose_request_id(offered) == offered


@pytest.mark.parametrize(
    "offered", [None, "", "x" * 65, "a b", "a\n", "\u00fc", "\u0661", "a/b", "\udcff"]
)
def test_others_are_replaced(offered: str | None) -> None:
    assert choose_request_id(offered).startswith("req_")
