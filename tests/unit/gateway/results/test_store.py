"""What holds of both stores."""

import re
from collections.abc import AsyncGenerator

import pytest

from gateway.errors import ApiError, DeadlineError, ImageTooLargeError, OverloadedError
from gateway.results import Results
from gateway.results.store import is_name, new_name
from tests.unit.gateway.results.stores import (
    BUDGET_BYTES,
    ID_CHARACTERS,
    SHARE_BYTES,
    Clock,
    fetched,
    is_kept,
    keep,
    pieces_of,
)


def test_names_hold_192_random_bits_and_never_come_twice() -> None:
    names = {new_name("webp") for _ in range(100)}

    assert len(names) == 100
    for name in names:
        identity, extension = name.split(".")
        assert extension == "webp"
        assert re.fullmatch(r"[A-Za-z0-9_-]+", identity)
        assert len(identity) * 6 == 192
        assert is_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * ID_CHARACTERS,
        "a" * (ID_CHARACTERS - 1) + ".png",
        "a" * (ID_CHARACTERS + 1) + ".png",
        "a" * ID_CHARACTERS + ".PNG",
        "a" * ID_CHARACTERS + ".png\n",
        "a" * ID_CHARACTERS + ".png.png",
        "ä" * ID_CHARACTERS + ".png",
        "../" + "a" * (ID_CHARACTERS - 3) + ".png",
        "*" * ID_CHARACTERS + ".png",
    ],
)
def test_other_texts_are_no_names(text: str) -> None:
    assert not is_name(text)


async def test_a_picture_is_there_as_often_as_it_is_asked_for(results: Results) -> None:
    name = await results.keep("a key", "jpg", 9, pieces_of(b"the ", b"matte"))

    assert name.endswith(".jpg")
    assert await fetched(results, name) == b"the matte"
    assert await fetched(results, name) == b"the matte"
    assert results.held_bytes == 9


async def test_a_large_picture_is_read_piece_by_piece(results: Results) -> None:
    pieces = [b"0" * 256 * 1024, b"1" * 256 * 1024, b"2" * 100_000]
    name = await results.keep("a key", "png", sum(map(len, pieces)), pieces_of(*pieces))

    result = await results.find(name)
    assert result is not None
    assert [piece async for piece in result.pieces] == pieces
    result.close()


async def test_another_extension_or_id_finds_nothing(results: Results) -> None:
    name = await keep(results, 4)

    assert await results.find(name.replace(".png", ".jpg")) is None
    assert await results.find(new_name("png")) is None
    assert await is_kept(results, name)


async def test_a_share_is_used_to_its_last_byte_and_not_beyond(results: Results) -> None:
    first = await keep(results, SHARE_BYTES - 1)
    with pytest.raises(OverloadedError) as caught:
        await keep(results, 2)
    second = await keep(results, 1)

    assert caught.value.headers["Retry-After"] == "60"
    assert results.held_bytes == SHARE_BYTES
    assert await is_kept(results, first)
    assert await is_kept(results, second)
    with pytest.raises(OverloadedError):
        await keep(results, 1)


@pytest.mark.parametrize(("size_bytes", "fits"), [(SHARE_BYTES, True), (SHARE_BYTES + 1, False)])
async def test_a_picture_may_be_as_large_as_the_share_of_a_holder(
    results: Results, size_bytes: int, *, fits: bool
) -> None:
    if fits:
        assert await is_kept(results, await keep(results, size_bytes))
    else:
        with pytest.raises(ImageTooLargeError, match="RESULTS_MB") as caught:
            await keep(results, size_bytes)
        assert "Retry-After" not in caught.value.headers


async def test_where_there_is_no_room_no_piece_is_asked_for(results: Results) -> None:
    asked = []

    async def pieces() -> AsyncGenerator[bytes, None]:
        asked.append(True)
        yield b"x"

    with pytest.raises(ImageTooLargeError):
        await results.keep("a key", "png", SHARE_BYTES + 1, pieces())
    await keep(results, SHARE_BYTES)
    with pytest.raises(OverloadedError):
        await results.keep("a key", "png", 1, pieces())
    assert not asked


async def test_those_that_were_fetched_make_room_the_longest_ago_first(results: Results) -> None:
    unfetched, early, late = [await keep(results, 225_000) for _ in range(3)]
    for name in (early, late, early, late, late, early):
        assert await fetched(results, name) is not None
    # Fetched again, early is the later of both.
    newcomer = await keep(results, 300_000)

    assert [await is_kept(results, each) for each in (unfetched, early, late, newcomer)] == [
        True,
        True,
        False,
        True,
    ]
    assert results.held_bytes == SHARE_BYTES


async def test_nothing_goes_where_that_would_not_be_enough(results: Results) -> None:
    unfetched, seen = [await keep(results, 375_000) for _ in range(2)]
    await fetched(results, seen)

    with pytest.raises(OverloadedError):
        await keep(results, 375_001)
    assert await is_kept(results, unfetched)
    assert await is_kept(results, seen)
    await keep(results, 375_000)
    assert not await is_kept(results, seen)


async def test_who_did_not_get_the_end_has_not_fetched(results: Results) -> None:
    name = await keep(results, SHARE_BYTES)
    result = await results.find(name)
    assert result is not None
    assert await anext(result.pieces)
    await result.pieces.aclose()
    result.close()

    with pytest.raises(OverloadedError):
        await keep(results, 1)
    assert await is_kept(results, name)


@pytest.mark.parametrize("end", [DeadlineError(), OverloadedError()], ids=lambda end: end.code)
async def test_a_picture_that_breaks_off_leaves_nothing(results: Results, end: ApiError) -> None:
    with pytest.raises(type(end)):
        await results.keep("a key", "png", SHARE_BYTES, pieces_of(b"xx", end=end))

    assert await is_kept(results, await keep(results, SHARE_BYTES))


async def test_nothing_is_kept_in_a_store_that_may_not_be_down(results: Results) -> None:
    await results.expect("a key")
    assert not results.is_down
    assert results.held_bytes == 0


async def test_no_holder_has_more_than_three_times_what_it_leaves(results: Results) -> None:
    await keep(results, SHARE_BYTES, holder="one")
    for holder in ("two", "three", "four"):
        free_bytes = BUDGET_BYTES - results.held_bytes
        share_bytes = free_bytes * 3 // 4
        with pytest.raises(OverloadedError):
            await keep(results, share_bytes + 1, holder=holder)
        await keep(results, share_bytes, holder=holder)
        with pytest.raises(OverloadedError):
            await results.expect(holder)

    assert results.held_bytes < BUDGET_BYTES
    await results.expect("five")


async def test_a_holder_whose_results_went_has_its_share_again(results: Results) -> None:
    for _ in range(3):
        assert await fetched(results, await keep(results, SHARE_BYTES, holder="one"))
        assert results.held_bytes == SHARE_BYTES


async def test_what_others_have_fetched_makes_room_too(results: Results) -> None:
    others = await keep(results, SHARE_BYTES, holder="one")
    with pytest.raises(OverloadedError):
        await keep(results, SHARE_BYTES, holder="two")
    assert await fetched(results, others)

    await keep(results, SHARE_BYTES, holder="two")
    assert not await is_kept(results, others)


async def test_a_picture_that_broke_off_is_nobodys(results: Results) -> None:
    for _ in range(2):
        with pytest.raises(DeadlineError):
            await results.keep("one", "png", SHARE_BYTES, pieces_of(b"x", end=DeadlineError()))

    await keep(results, SHARE_BYTES, holder="one")


async def test_nothing_is_expected_where_nothing_is_free(results: Results) -> None:
    await results.expect("one")
    name = await keep(results, SHARE_BYTES - 1, holder="one")
    await results.expect("one")
    await keep(results, 1, holder="one")

    for _ in range(2):
        with pytest.raises(OverloadedError) as caught:
            await results.expect("one")
        assert caught.value.headers["Retry-After"] == "60"
    await results.expect("two")
    assert await fetched(results, name)
    await results.expect("one")
    assert await is_kept(results, name)  # it goes when there is something to take its place


async def test_what_was_refused_is_not_made_again_until_there_is_room(results: Results) -> None:
    name = await keep(results, SHARE_BYTES - 10, holder="one")
    with pytest.raises(OverloadedError):
        await keep(results, 11, holder="one")

    with pytest.raises(OverloadedError):
        await results.expect("one")
    await results.expect("two")
    assert await fetched(results, name)
    await results.expect("one")
    await keep(results, 11, holder="one")


async def test_after_a_minute_something_smaller_may_be_tried(
    results: Results, clock: Clock
) -> None:
    await keep(results, SHARE_BYTES - 10, holder="one")
    with pytest.raises(OverloadedError):
        await keep(results, 11, holder="one")
    clock.now_s += 59.9
    with pytest.raises(OverloadedError):
        await results.expect("one")

    clock.now_s += 0.1
    await results.expect("one")
    await keep(results, 10, holder="one")
