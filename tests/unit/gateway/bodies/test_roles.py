import pytest

from gateway.bodies.kind import BodyKind
from gateway.bodies.roles import Role, is_key_name, role_of

FORMS = {BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON}


@pytest.mark.parametrize(
    ("name", "role", "kinds"),
    [
        ("image_file", Role.IMAGE_FILE, {BodyKind.MULTIPART}),
        ("IMAGE_File", Role.IMAGE_FILE, {BodyKind.MULTIPART}),
        ("image_url", Role.IMAGE_URL, FORMS),
        ("imageUrl", Role.IMAGE_URL, FORMS),
        ("IMAGEURL", Role.IMAGE_URL, FORMS),
        ("image_base64", Role.IMAGE_TEXT, FORMS),
        ("Image_File_B64", Role.IMAGE_TEXT, FORMS),
        ("image", Role.IMAGE_TEXT, {BodyKind.JSON}),
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
        assert role_of(name, kind) is (role if kind in kinds else Role.OTHER)


def test_the_key_is_known_by_its_name() -> None:
    assert is_key_name("API_Key")
    assert not is_key_name("apikey")
