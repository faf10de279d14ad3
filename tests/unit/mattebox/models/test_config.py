from dataclasses import replace

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import config
from mattebox.models.config import Built, Config
from mattebox.models.errors import ConfigError, ProofError
from tests.conftest import ROOT
from tests.unit.mattebox.models.conftest import Place

SHIPPED = ROOT / "model_repository"
SOURCE_SHA256 = "5" * 64
BUILT = Built("tiny", 16, 24, 8, SOURCE_SHA256)


def found(place: Place) -> Config:
    config_found = config.find("tiny", place.repository)
    assert config_found is not None
    return config_found


def test_the_shipped_configuration_of_u2netp_is_one_of_triton() -> None:
    text = (SHIPPED / "u2netp" / "config.pbtxt").read_text("utf-8")
    shipped = text_format.Parse(text, model_config_pb2.ModelConfig())

    assert shipped.backend == "onnxruntime"
    assert shipped.max_batch_size == 8
    assert [each.batch_size for each in shipped.model_warmup] == [1, 8]
    assert [each.count for each in shipped.instance_group] == [1]
    assert shipped.dynamic_batching.max_queue_delay_microseconds == 0
    policy = shipped.dynamic_batching.default_queue_policy
    assert policy.timeout_action == model_config_pb2.ModelQueuePolicy.REJECT
    assert policy.default_timeout_microseconds == 30_000_000
    assert policy.allow_timeout_override
    assert policy.max_queue_size == 64


def test_a_configuration_is_read(place: Place) -> None:
    config_found = found(place)

    assert config_found.path == place.config
    assert config_found.source_sha256 == ""
    assert config_found.known_answer is not None
    assert len(config_found.known_answer) == 64
    config.demand(config_found, BUILT)


def test_where_there_is_none_there_is_none(place: Place) -> None:
    place.config.unlink()

    assert config.find("tiny", place.repository) is None
    assert config.find("other", place.repository) is None


def test_one_that_cannot_be_read_is_told(place: Place) -> None:
    place.config.unlink()
    place.config.mkdir()

    with pytest.raises(ConfigError, match=r"tiny/config\.pbtxt cannot be read: Is a directory"):
        config.find("tiny", place.repository)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name: "tiny"', 'name: "other"', "the name other, expected tiny"),
        ("max_batch_size: 4", "max_batch_size: 0", "max_batch_size 0, expected 1 to 8"),
        ("max_batch_size: 4", "max_batch_size: 9", "max_batch_size 9, expected 1 to 8"),
        ("16, 24, 3", "24, 16, 3", "the input"),
        ("TYPE_UINT8", "TYPE_FP32", "the input"),
        ("16, 24 ]", "16, 24, 1 ]", "the output"),
        ('name: "alpha"', 'name: "mask"', "the output"),
        ('string_value: "', 'string_value: "x', "a parameter known_answer of no use"),
        ('string_value: "', 'string_value: "0,', "64 numbers, not 65"),
        ("backend:", "backened:", "no model configuration"),
        ("backend:", "# \udcff\nbackend:", "no model configuration"),
    ],
)
def test_a_configuration_for_another_network_is_refused(
    place: Place, old: str, new: str, problem: str
) -> None:
    text = place.config.read_text()
    assert old in text
    place.config.write_text(text.replace(old, new), errors="surrogateescape")

    with pytest.raises(ConfigError, match=problem):
        config.demand(found(place), BUILT)


@pytest.mark.parametrize("most", [1, 8])
def test_a_batch_at_the_limit_is_taken(place: Place, most: int) -> None:
    text = place.config.read_text()
    place.config.write_text(text.replace("max_batch_size: 4", f"max_batch_size: {most}"))

    config.demand(found(place), BUILT)


def test_one_that_names_another_file_is_refused(place: Place) -> None:
    parameter = f'parameters {{ key: "source_sha256" value {{ string_value: "{"6" * 64}" }} }}'
    place.config.write_text(place.config.read_text() + parameter)

    assert found(place).source_sha256 == "6" * 64
    with pytest.raises(ConfigError, match=r"the source_sha256 666.* expected 555"):
        config.demand(found(place), BUILT)


def test_another_network_is_found_out_by_the_known_answer(place: Place) -> None:
    with pytest.raises(ProofError, match=r"config\.pbtxt, at most 0\.05 is right"):
        config.demand_known_answer(found(place), (0.0,) * 64)


@pytest.mark.parametrize(("shift", "passes"), [(0.049, True), (0.051, False)])
def test_the_known_answer_has_a_tolerance(place: Place, shift: float, passes: bool) -> None:
    there = found(place)
    assert there.known_answer is not None
    shifted = (there.known_answer[0] + shift, *there.known_answer[1:])

    if passes:
        assert config.demand_known_answer(there, shifted) == pytest.approx(shift)
    else:
        with pytest.raises(ProofError, match=r"differs by 0\.051"):
            config.demand_known_answer(there, shifted)


def test_without_a_known_answer_the_one_to_write_down_is_told(place: Place) -> None:
    there = replace(found(place), known_answer=None)

    with pytest.raises(ProofError, match=r"no parameter known_answer\..* is: 0\.2500,0\.2500"):
        config.demand_known_answer(there, (0.25,) * 64)
