from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import card, config
from mattebox.models.errors import ConfigError
from tests.unit.mattebox.models.conftest import Place

SHIPPED = Path(__file__).parents[4] / "model_repository"


def test_the_shipped_configuration_of_u2netp_fits_its_card() -> None:
    shipped = config.read(card.load("u2netp"), SHIPPED)

    assert shipped.known_answer is not None
    assert max(shipped.known_answer) == 1.0


def test_the_shipped_configuration_of_u2netp_is_one_of_triton() -> None:
    text = (SHIPPED / "u2netp" / "config.pbtxt").read_text()
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


def test_a_known_answer_is_read(place: Place) -> None:
    found = config.read(place.card, place.repository)

    assert found.path == place.config
    assert found.known_answer is not None
    assert len(found.known_answer) == 64


def test_a_configuration_may_lack_a_known_answer(place: Place) -> None:
    place.config.write_text(place.config.read_text().split("parameters")[0])

    assert config.read(place.card, place.repository).known_answer is None


def test_a_missing_configuration_is_told_with_its_path(place: Place) -> None:
    place.config.unlink()

    with pytest.raises(ConfigError, match=r"tiny/config\.pbtxt cannot be read: .*--repository"):
        config.read(place.card, place.repository)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name: "tiny"', 'name: "other"', "the name other, expected tiny"),
        ("max_batch_size: 4", "max_batch_size: 0", "switches batches off"),
        ("16, 24, 3", "24, 16, 3", "the input"),
        ("TYPE_UINT8", "TYPE_FP32", "the input"),
        ("16, 24 ]", "16, 24, 1 ]", "the output"),
        ('name: "alpha"', 'name: "mask"', "the output"),
        ('string_value: "', 'string_value: "x', "a parameter known_answer of no use"),
        ('string_value: "', 'string_value: "0,', "64 numbers, not 65"),
        ("backend:", "backened:", "no model configuration"),
    ],
)
def test_a_configuration_for_another_network_is_refused(
    place: Place, old: str, new: str, problem: str
) -> None:
    text = place.config.read_text()
    assert old in text
    place.config.write_text(text.replace(old, new))

    with pytest.raises(ConfigError, match=problem):
        config.read(place.card, place.repository)
