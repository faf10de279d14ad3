import pytest

from gateway.contracts.removebg.errors import MultipleShadowsError
from gateway.options.colour import Colour
from gateway.options.effects import Shadow
from gateway.options.geometry import Length
from tests.unit.gateway.contracts.removebg.reading import asked, options

NAMED_TYPES = [
    "car",
    "product",
    "person",
    "animal",
    "graphic",
    "transportation",
    "other",
    "graphics",
    "car_interior",
    "car_part",
]


def shadow(opacity_percent: float) -> Shadow:
    return Shadow(
        Colour(0, 0, 0, round(255 * opacity_percent / 100)),
        offset_y=Length(share=0.02),
        blur=Length(share=0.02),
    )


@pytest.mark.parametrize(
    ("kind", "cast", "approximated"),
    [
        ("none", None, ()),
        ("drop", shadow(50), ()),
        ("3D", shadow(50), ("shadow_type",)),
        ("3d", shadow(50), ("shadow_type",)),
        ("car", shadow(90), ("shadow_type",)),
        ("auto", shadow(50), ()),
    ],
)
def test_kinds(kind: str, cast: Shadow | None, approximated: tuple[str, ...]) -> None:
    read = asked(shadow_type=kind)

    assert read.options.shadow == cast
    assert (read.ignored, read.approximated) == ((), approximated)


@pytest.mark.parametrize(
    ("subject", "opacity", "is_approximated"),
    [
        ("car", 90, True),
        ("person", 50, True),
        ("transportation", 50, True),
        ("product", 50, False),
        ("animal", 50, False),
        ("graphic", 50, False),
        ("other", 50, False),
        ("auto", 50, False),
        ("spaceship", 50, False),
    ],
)
def test_auto_goes_by_the_type(subject: str, opacity: int, is_approximated: bool) -> None:
    read = asked(shadow_type="auto", type=subject)

    assert read.options.shadow == shadow(opacity)
    assert read.approximated == (("shadow_type",) if is_approximated else ())


@pytest.mark.parametrize("subject", NAMED_TYPES)
def test_a_shadow_for_one_type_is_cast_by_subjects_of_that_type(subject: str) -> None:
    read = asked(**{"type": subject, f"shadow_type[{subject}]": "drop"})

    assert read.options.shadow == shadow(50)
    assert read.ignored == ("type",)


@pytest.mark.parametrize("subject", NAMED_TYPES)
def test_and_by_no_others(subject: str) -> None:
    other = "animal" if subject != "animal" else "person"
    name = f"shadow_type[{subject}]"

    read = asked(**{"type": other, name: "drop"})

    assert read.options.shadow is None
    assert read.ignored == ("type", name)


def test_without_a_type_the_subject_is_another_one() -> None:
    assert options(**{"shadow_type[other]": "drop"}).shadow == shadow(50)
    assert asked(**{"shadow_type[car]": "car"}).ignored == ("shadow_type[car]",)


def test_both_names_of_graphics_mean_the_same() -> None:
    assert options(**{"type": "graphics", "shadow_type[graphic]": "drop"}).shadow == shadow(50)


def test_the_shadow_for_a_type_comes_before_that_for_all() -> None:
    both = {"shadow_type": "drop", "shadow_type[car]": "none"}

    assert options(type="car", **both).shadow is None
    assert options(type="animal", **both).shadow == shadow(50)
    assert asked(**both).ignored == ()


def test_an_approximated_shadow_is_named_as_it_was_sent() -> None:
    read = asked(**{"type": "car", "shadow_type[car]": "car"})

    assert read.approximated == ("shadow_type[car]",)


@pytest.mark.parametrize(
    ("opacity", "percent"), [("0", None), ("1", 1), ("40", 40), ("100", 100), ("AUTO", 50)]
)
def test_opacities(opacity: str, percent: int | None) -> None:
    cast = options(shadow_type="drop", shadow_opacity=opacity).shadow

    assert cast == (None if percent is None else shadow(percent))


def test_an_opacity_alone_casts_no_shadow() -> None:
    read = asked(shadow_opacity="80")

    assert (read.options.shadow, read.ignored) == (None, ())


def test_the_opacity_for_a_type_comes_before_that_for_all() -> None:
    both = {"shadow_type": "drop", "shadow_opacity": "20", "shadow_opacity[car]": "auto"}

    assert options(type="car", **both).shadow == shadow(50)
    assert options(type="animal", **both).shadow == shadow(20)
    assert asked(**both).ignored == ()


def test_an_opacity_for_another_type_is_named() -> None:
    read = asked(**{"shadow_type": "drop", "shadow_opacity[car]": "20"})

    assert read.options.shadow == shadow(50)
    assert read.ignored == ("shadow_opacity[car]",)


def test_add_shadow_is_the_shadow_of_cars() -> None:
    read = asked(type="car", add_shadow="true")

    assert read.options.shadow == shadow(90)
    assert (read.ignored, read.approximated) == (("type",), ("add_shadow",))


@pytest.mark.parametrize("subject", ["auto", "person", "car_part", "spaceship"])
def test_add_shadow_has_no_effect_on_others(subject: str) -> None:
    read = asked(type=subject, add_shadow="1")

    assert read.options.shadow is None
    assert "add_shadow" in read.ignored
    assert read.approximated == ()


@pytest.mark.parametrize("name", ["shadow_type", "shadow_type[car]", "shadow_type[person]"])
@pytest.mark.parametrize("kind", ["drop", "none"])
def test_add_shadow_is_not_sent_beside_a_type_of_shadow(name: str, kind: str) -> None:
    with pytest.raises(MultipleShadowsError):
        asked(**{"type": "car", "add_shadow": "true", name: kind})


def test_the_ever_present_add_shadow_false_is_no_contradiction() -> None:
    assert options(add_shadow="false", shadow_type="drop").shadow == shadow(50)
