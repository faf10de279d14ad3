import pytest

from gateway.errors import ApiError, FetchFailedError, InvalidBase64Error, InvalidImageUrlError
from gateway.pictures import Slot, about, slot_of


@pytest.mark.parametrize("slot", Slot)
def test_an_error_tells_which_picture_it_is_about(slot: Slot) -> None:
    with pytest.raises(ApiError) as caught, about(slot):
        raise InvalidBase64Error("text")

    assert slot_of(caught.value) is slot
    assert caught.value.details == ({} if slot is Slot.IMAGE else {"image": "background"})


def test_other_errors_are_about_no_other_picture() -> None:
    assert slot_of(ApiError(details={"image": "else"})) is Slot.IMAGE


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            InvalidImageUrlError(),
            "back_url must be an http or https URL of at most 2048 characters.",
        ),
        (FetchFailedError.with_status(404), "cannot download back_url (HTTP 404)"),
        (InvalidBase64Error("image_url"), "image_url is not valid base64."),
    ],
)
def test_an_error_about_a_url_names_its_field(error: ApiError, sentence: str) -> None:
    with pytest.raises(ApiError) as caught, about(Slot.BACKGROUND, "back_url"):
        raise error

    assert str(caught.value) == sentence
