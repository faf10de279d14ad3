import json

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import installed
from mattebox.models.errors import CardError, ProofError, WrapError
from mattebox.models.install import install
from mattebox.models.installed import State
from mattebox.models.verify import verify
from segmenter.inference import known_answer
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import DEVIATION, HEIGHT_PX, MEAN, WIDTH_PX, logits_of

INPUT = (-2.2, 2.7)
"""What pixels can be, less the mean and divided by the deviation."""
LOGITS = (-15.0, 15.0)


def round_to_integers(place: Place, logits: tuple[float, float] = LOGITS, more: str = "") -> None:
    table = f"""
[quantisation]
{more}
[quantisation.ranges]
"published/input.1" = {list(INPUT)}
"published/1959" = {list(logits)}
"""
    place.rewrite_card("[licence]", f"{table}\n[licence]")


def test_the_ranges_of_these_tests_hold_what_is_computed() -> None:
    logits = logits_of(known_answer.picture(HEIGHT_PX, WIDTH_PX))

    assert LOGITS[0] < logits.min() < logits.max() < LOGITS[1]
    ends = [(value - m) / d for value in (0, 1) for m, d in zip(MEAN, DEVIATION, strict=True)]
    assert INPUT[0] < min(ends) < max(ends) < INPUT[1]


def test_a_model_in_integers_is_proved_and_written(place: Place) -> None:
    round_to_integers(place)

    proof = install(place.card, place.repository)

    assert proof is not None
    assert proof.from_published < 1e-6
    assert proof.from_float is not None
    assert 0 < proof.from_float < 0.01
    assert (proof.max_batch_size, proof.from_single) == (8, 0.0)
    assert installed.condition(place.card, place.repository).state is State.INSTALLED
    verify(place.card, place.repository, run=True)
    card = json.loads((place.version / "provenance.json").read_text())["card"]
    assert card["quantisation"]["ranges"]["published/input.1"] == list(INPUT)


@pytest.mark.parametrize(("in_integers", "kind"), [(True, "KIND_CPU"), (False, "KIND_AUTO")])
def test_integers_stay_on_the_cpu(place: Place, in_integers: bool, kind: str) -> None:
    place.config.unlink()
    if in_integers:
        round_to_integers(place)

    install(place.card, place.repository)

    written = text_format.Parse(place.config.read_text("utf-8"), model_config_pb2.ModelConfig())
    (group,) = written.instance_group
    assert group.Kind.Name(group.kind) == kind


def test_ranges_of_another_file_are_found_out_and_nothing_is_written(place: Place) -> None:
    round_to_integers(place, logits=(-0.1, 0.1))

    with pytest.raises(ProofError, match="in the mean from that in floats, at most"):
        install(place.card, place.repository)

    assert not place.version.exists() or not list(place.version.iterdir())


def test_a_card_may_allow_what_it_wants(place: Place) -> None:
    round_to_integers(place, more="largest_mean_difference = 1e-6")

    with pytest.raises(ProofError, match="at most 1e-06 is right"):
        install(place.card, place.repository)


def test_a_convolution_that_is_not_there_is_named(place: Place) -> None:
    round_to_integers(place, more='float_nodes = ["Conv_9"]')

    with pytest.raises(WrapError, match="no convolutions named Conv_9"):
        install(place.card, place.repository)


@pytest.mark.parametrize(
    ("logits", "more", "problem"),
    [
        ((2.0, 1.0), "", "the smallest value comes first, unlike in published/1959"),
        (LOGITS, "largest_mean_difference = 0.0", "quantisation.largest_mean_difference"),
        (LOGITS, "largest_mean_difference = 0.11", "quantisation.largest_mean_difference"),
        (LOGITS, "bits = 4", "quantisation.bits"),
    ],
)
def test_a_wrong_card_is_refused(
    place: Place, logits: tuple[float, float], more: str, problem: str
) -> None:
    round_to_integers(place, logits, more)

    with pytest.raises(CardError, match=problem):
        _ = place.card


@pytest.mark.parametrize(
    ("logits", "more"), [((1.0, 1.0), ""), (LOGITS, "largest_mean_difference = 0.1")]
)
def test_a_card_at_its_limits_is_read(place: Place, logits: tuple[float, float], more: str) -> None:
    round_to_integers(place, logits, more)

    assert place.card.quantisation is not None
