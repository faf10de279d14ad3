from dataclasses import replace

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import card, config, config_text
from mattebox.models.config import Built
from segmenter.inference.engine import CommercialUse
from segmenter.inference.model_config import spec_from_config
from tests.conftest import ROOT
from tests.unit.mattebox.models.conftest import Place

ANSWER = tuple(number / 64 for number in range(64))
BUILT = Built("tiny", 16, 24, 8, "5" * 64)


def parsed(text: str) -> model_config_pb2.ModelConfig:
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def test_the_committed_configuration_of_u2netp_is_what_is_written() -> None:
    committed = config.find("u2netp", ROOT / "model_repository")
    u2netp = card.load("u2netp")
    assert committed is not None
    assert committed.known_answer is not None
    assert u2netp.file is not None

    built = Built("u2netp", 320, 320, 8, u2netp.file.sha256)
    text = config_text.render(u2netp, built, committed.known_answer)

    assert text == committed.path.read_text("utf-8")


def test_the_segmenter_reads_what_is_written(place: Place) -> None:
    spec = spec_from_config(parsed(config_text.render(place.card, BUILT, ANSWER)))

    assert (spec.name, spec.input_height_px, spec.input_width_px) == ("tiny", 16, 24)
    assert spec.max_batch_size == 8
    assert spec.known_answer == pytest.approx(ANSWER, abs=1e-4)
    assert spec.terms.title == "Tiny"
    assert spec.terms.licence == "MIT"
    assert spec.terms.licence_source == "https://example.com/LICENSE"
    assert spec.terms.commercial_use is CommercialUse.YES
    assert spec.terms.commercial_use_note == "Gladly."
    assert spec.terms.source == "Nobody, https://example.com"
    assert spec.terms.source_sha256 == "5" * 64


@pytest.mark.parametrize(("most", "warmed"), [(1, [1]), (2, [1, 2]), (8, [1, 8])])
def test_the_smallest_and_the_largest_batch_are_run_first(
    place: Place, most: int, warmed: list[int]
) -> None:
    written = parsed(config_text.render(place.card, replace(BUILT, max_batch_size=most), ANSWER))

    assert written.max_batch_size == most
    assert [each.batch_size for each in written.model_warmup] == warmed
    (warmup, *_) = written.model_warmup
    assert list(warmup.inputs["image"].dims) == [16, 24, 3]


@pytest.mark.parametrize(
    "title", ['a "quoted" \\ one', "two\nlines", "Matte für Fünf ²", "$name {}"]
)
def test_any_text_can_be_told(place: Place, title: str) -> None:
    written = parsed(config_text.render(replace(place.card, title=title), BUILT, ANSWER))

    assert spec_from_config(written).terms.title == " ".join(title.split())
