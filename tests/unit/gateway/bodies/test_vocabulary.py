import pytest

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import V2, Meaning, Role, Vocabulary, is_key_name
from gateway.pictures import Slot
from tests.unit.gateway.bodies.dialects import DATA_URLS, FILE_WINS, QUERY, TWO

FORMS = {BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}


@pytest.mark.parametrize(
    ("name", "role", "kinds"),
    [
        ("image_file", Role.FILE, {BodyKind.MULTIPART}),
        ("IMAGE_File", Role.FILE, {BodyKind.MULTIPART}),
        ("image_url", Role.URL, FORMS),
        ("imageUrl", Role.URL, FORMS),
        ("IMAGEURL", Role.URL, FORMS),
        ("image_base64", Role.TEXT, FORMS),
        ("Image_File_B64", Role.TEXT, FORMS),
        ("image", Role.TEXT, {BodyKind.JSON}),
        ("api_key", Role.API_KEY, {BodyKind.JSON}),
        ("format", Role.OTHER, set()),
        ("image_", Role.OTHER, set()),
        ("", Role.OTHER, set()),
    ],
)
def test_a_field_has_its_role_where_it_belongs_and_none_elsewhere(
    name: str, role: Role, kinds: set[BodyKind]
) -> None:
    for kind in FORMS:
        assert V2.meaning(name, kind).role is (role if kind in kinds else Role.OTHER)


def test_a_field_has_its_picture() -> None:
    for name in ("Back", "back_B64", "back_url"):
        assert TWO.meaning(name, BodyKind.MULTIPART).slot is Slot.BACKGROUND
    assert TWO.meaning("picture", BodyKind.MULTIPART) == Meaning(Role.FILE, Slot.IMAGE)


def test_the_key_is_a_field_of_json_where_the_dialect_says_so() -> None:
    assert TWO.meaning("api_key", BodyKind.JSON).role is Role.OTHER


@pytest.mark.parametrize(
    ("vocabulary", "pictures"),
    [(V2, (1, 1, 1)), (TWO, (2, 2, 2)), (FILE_WINS, (1, 1, 1)), (DATA_URLS, (2, 2, 2))],
)
def test_bodies_hold_as_many_pictures_as_have_a_field(
    vocabulary: Vocabulary, pictures: tuple[int, int, int]
) -> None:
    kinds = (BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON)
    assert tuple(vocabulary.pictures_in(kind) for kind in kinds) == pictures


def test_urls_take_no_room_unless_they_hold_the_picture() -> None:
    assert QUERY.pictures_in(BodyKind.URLENCODED) == 1
    assert TWO.pictures_in(BodyKind.RAW) == 1


def test_the_field_of_a_url_is_called_by_its_first_name() -> None:
    assert V2.url_field(Slot.IMAGE) == "image_url"
    assert TWO.url_field(Slot.BACKGROUND) == "back_url"
    assert FILE_WINS.url_field(Slot.IMAGE) == "image_url"


def test_the_key_is_known_by_its_name() -> None:
    assert is_key_name("API_Key")
    assert not is_key_name("apikey")
