"""Reading a network's configuration."""

from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from segmenter.errors import EngineFailedError, EngineUnavailableError
from segmenter.inference.engine import CommercialUse, ModelTerms
from segmenter.inference.model_config import read_config, spec_from_config

CONFIG = """
name: "toy"
max_batch_size: 4
input [{ name: "image" data_type: TYPE_UINT8 dims: [20, 30, 3] }]
output [{ name: "alpha" data_type: TYPE_FP32 dims: [20, 30] }]
"""
KNOWN = ",".join(["0.5"] * 64)


def parsed(text: str) -> model_config_pb2.ModelConfig:
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def test_sizes_come_out_of_the_configuration() -> None:
    spec = spec_from_config(parsed(CONFIG))
    assert (spec.name, spec.input_height_px, spec.input_width_px) == ("toy", 20, 30)
    assert spec.max_batch_size == 4
    assert spec.known_answer is None


def test_a_known_answer_is_read() -> None:
    text = CONFIG + f'parameters {{ key: "known_answer" value {{ string_value: "{KNOWN}" }} }}'
    assert spec_from_config(parsed(text)).known_answer == (0.5,) * 64


def test_a_damaged_known_answer_is_an_error() -> None:
    text = CONFIG + 'parameters { key: "known_answer" value { string_value: "1,2" } }'
    with pytest.raises(EngineFailedError, match="known answer"):
        spec_from_config(parsed(text))


def with_parameters(**texts: str) -> str:
    return CONFIG + "".join(
        f'parameters {{ key: "{key}" value {{ string_value: "{text}" }} }}\n'
        for key, text in texts.items()
    )


def test_what_callers_are_told_is_read() -> None:
    text = with_parameters(licence="MIT", commercial_use="unclear", source_sha256="55")
    terms = spec_from_config(parsed(text)).terms
    assert (terms.licence, terms.source_sha256) == ("MIT", "55")
    assert terms.commercial_use is CommercialUse.UNCLEAR


@pytest.mark.parametrize("text", [CONFIG, with_parameters(commercial_use="perhaps")])
def test_a_configuration_may_tell_nothing(text: str) -> None:
    assert spec_from_config(parsed(text)).terms == ModelTerms()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"image"', '"picture"'),
        ('"alpha"', '"mask"'),
        ("TYPE_UINT8", "TYPE_FP32"),
        ("TYPE_FP32", "TYPE_FP16"),
        ("[20, 30, 3]", "[3, 20, 30]"),
        ("[20, 30, 3]", "[20, 30]"),
        ("[20, 30, 3]", "[-1, -1, 3]"),
        ("[20, 30] }", "[30, 20] }"),
        ("max_batch_size: 4", "max_batch_size: 0"),
    ],
)
def test_another_tensor_contract_is_refused(right: str, wrong: str) -> None:
    with pytest.raises(EngineFailedError, match="toy"):
        spec_from_config(parsed(CONFIG.replace(right, wrong)))


def test_configurations_are_read_from_a_repository(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "config.pbtxt").write_text(CONFIG)
    assert read_config(tmp_path, "toy").name == "toy"


def test_a_missing_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="toy"):
        read_config(tmp_path, "toy")


def test_a_damaged_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "config.pbtxt").write_text("name: {")
    with pytest.raises(EngineFailedError, match="toy"):
        read_config(tmp_path, "toy")


@pytest.mark.parametrize("line", ['name: "toy"', ""])
def test_the_name_is_that_of_the_folder(tmp_path: Path, line: str) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "config.pbtxt").write_text(CONFIG.replace('name: "toy"', line))
    assert read_config(tmp_path, "toy").name == "toy"


def test_a_configuration_of_another_network_is_told(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "config.pbtxt").write_text(CONFIG)
    with pytest.raises(EngineFailedError, match="model copy is for another one, toy"):
        read_config(tmp_path, "copy")
