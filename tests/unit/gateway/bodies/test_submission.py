import pytest

from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import (
    Gathered,
    ImageBytes,
    ImageText,
    ImageUrl,
    Source,
    Submission,
)
from gateway.errors import MissingImageError
from gateway.pictures import Slot

SOURCES: list[Source] = [ImageBytes(b"12345"), ImageText("image", b"12345"), ImageUrl("12345")]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_handed_over_once(source: Source) -> None:
    submission = Submission(BodyKind.JSON, _gathered(source))

    assert submission.source_bytes == 5
    assert submission.take_source() is source
    assert submission.source_bytes == 0
    with pytest.raises(MissingImageError):
        submission.take_source()


def test_without_a_source_there_is_none_to_take() -> None:
    submission = Submission(BodyKind.JSON, Gathered())

    assert submission.source_bytes == 0
    with pytest.raises(MissingImageError):
        submission.take_source()


def test_the_rest_of_a_body_is_kept() -> None:
    gathered = Gathered(pairs=[("a", " b "), ("c", "")], api_key="key")

    submission = Submission(BodyKind.JSON, gathered, ("q",))

    assert submission.fields.pairs == (("a", "b"),)
    assert (submission.api_key, submission.ignored_query) == ("key", ("q",))


@pytest.mark.parametrize(
    ("source", "legacy"),
    [
        (ImageText("image", b"1"), True),
        (ImageText("image_base64", b"1"), False),
        (ImageBytes(b"1"), False),
        (None, False),
    ],
)
def test_the_legacy_image_is_known_by_its_name(source: Source | None, legacy: bool) -> None:
    assert Submission(BodyKind.JSON, _gathered(source)).is_legacy_image is legacy


def test_what_is_printed_tells_nothing_of_what_was_sent() -> None:
    gathered = Gathered({Slot.IMAGE: ImageText("image", b"CANARY")}, [("a", "CANARY")], "CANARY")
    printed = [*SOURCES, gathered, gathered.source, ImageBytes(b"CANARY"), ImageUrl("CANARY")]

    assert not any("CANARY" in repr(value) or "12345" in repr(value) for value in printed)


def _gathered(source: Source | None) -> Gathered:
    return Gathered({} if source is None else {Slot.IMAGE: source})
