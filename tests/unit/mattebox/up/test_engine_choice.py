import hashlib
import json
from pathlib import Path

import pytest

from mattebox.up import triton_wheel
from mattebox.up.engine_choice import check_model, choose, choose_cpu_runtime
from mattebox.up.errors import CannotStartError
from mattebox.up.options import EngineChoice
from segmenter.inference.runtimes import MNN_FORM
from tests import toy_network


@pytest.fixture
def _no_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away a part that Triton needs, on any machine."""
    monkeypatch.setenv(triton_wheel.BACKENDS_VARIABLE, str(tmp_path))


def test_auto_takes_triton_where_it_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    wheel = triton_wheel.locate()
    if (reason := triton_wheel.why_not(wheel)) is not None:
        pytest.skip(reason)

    assert choose(EngineChoice.AUTO) == wheel
    assert choose(EngineChoice.TRITON) == wheel
    assert capsys.readouterr().err == "mattebox: engine triton.\n" * 2


@pytest.mark.usefixtures("_no_backend")
def test_auto_takes_the_engine_in_process_where_triton_cannot_run_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = triton_wheel.why_not(triton_wheel.locate())

    assert choose(EngineChoice.AUTO) is None
    assert capsys.readouterr().err == (
        f"mattebox: engine onnxruntime, because triton cannot run here. {reason}\n"
    )


@pytest.mark.usefixtures("_no_backend")
def test_a_demanded_triton_that_cannot_run_is_an_error() -> None:
    reason = triton_wheel.why_not(triton_wheel.locate())

    with pytest.raises(CannotStartError) as error:
        choose(EngineChoice.TRITON)

    assert str(error.value) == (
        f"The engine triton cannot run here. {reason}"
        " With --engine onnxruntime the network runs inside the segmenter."
    )


def test_the_engine_in_process_can_be_demanded() -> None:
    assert choose(EngineChoice.ONNXRUNTIME) is None


def test_an_installed_model_is_found(tmp_path: Path) -> None:
    toy_network.install(tmp_path, "toy")

    assert check_model(tmp_path, "toy") == tmp_path / "toy"


@pytest.mark.parametrize("missing", ["config.pbtxt", "1/model.onnx"])
def test_a_model_that_lacks_a_part_is_not_installed(tmp_path: Path, missing: str) -> None:
    toy_network.install(tmp_path, "toy")
    (tmp_path / "toy" / missing).unlink()

    with pytest.raises(CannotStartError) as error:
        check_model(tmp_path, "toy")

    assert str(error.value).startswith(f"The model toy is not installed in {tmp_path}.")
    assert "`mattebox models install toy`" in str(error.value)


@pytest.mark.parametrize("path", ["toy/", "./toy", "../models/toy"])
def test_a_path_is_no_name(tmp_path: Path, path: str) -> None:
    repository = tmp_path / "models"
    toy_network.install(repository, "toy")

    with pytest.raises(CannotStartError, match=f"The model {path} is not installed in"):
        check_model(repository, path)


def note(graph: Path, sha256: str) -> None:
    (graph.parent / "provenance.json").write_text(json.dumps({"sha256": sha256}))


def test_a_model_that_is_what_was_installed_is_found(tmp_path: Path) -> None:
    graph = toy_network.install(tmp_path, "toy")
    note(graph, hashlib.sha256(graph.read_bytes()).hexdigest())

    assert check_model(tmp_path, "toy") == tmp_path / "toy"


@pytest.mark.parametrize("change", ["one bit", "cut off", "another provenance", "no provenance"])
def test_a_model_that_is_not_what_was_installed_is_refused(tmp_path: Path, change: str) -> None:
    graph = toy_network.install(tmp_path, "toy")
    data = graph.read_bytes()
    note(graph, hashlib.sha256(data).hexdigest())
    match change:
        case "one bit":
            graph.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        case "cut off":
            graph.write_bytes(data[:100])
        case "another provenance":
            note(graph, "0" * 64)
        case _:
            (graph.parent / "provenance.json").write_text("{")

    with pytest.raises(CannotStartError, match="is not the file that was installed"):
        check_model(tmp_path, "toy")


def with_form(repository: Path) -> Path:
    form = toy_network.install(repository, "toy").with_name(MNN_FORM)
    form.write_bytes(b"form")
    return form


def test_a_form_that_is_not_what_was_installed_is_refused(tmp_path: Path) -> None:
    form = with_form(tmp_path)
    graph = form.with_name("model.onnx")
    sha256s = [hashlib.sha256(each.read_bytes()).hexdigest() for each in (graph, form)]
    noted = json.dumps(dict(zip(("sha256", "mnn_sha256"), sha256s, strict=True)))
    (graph.parent / "provenance.json").write_text(noted)
    assert check_model(tmp_path, "toy") == tmp_path / "toy"

    for change in (lambda: form.write_bytes(b"another"), form.unlink):
        change()
        with pytest.raises(
            CannotStartError, match=r"model\.mnn is not the file that was installed"
        ):
            check_model(tmp_path, "toy")


def test_a_form_of_which_the_installation_knows_nothing_is_refused(tmp_path: Path) -> None:
    graph = with_form(tmp_path).with_name("model.onnx")
    note(graph, hashlib.sha256(graph.read_bytes()).hexdigest())

    with pytest.raises(CannotStartError, match=r"model\.mnn is not the file that was"):
        check_model(tmp_path, "toy")


@pytest.mark.parametrize(
    ("wanted", "title"),
    [(None, "MNN"), ("auto", "MNN"), ("mnn", "MNN"), ("onnxruntime", "ONNX Runtime")],
)
def test_it_is_said_what_computes_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str | None, title: str
) -> None:
    pytest.importorskip("_mnncengine", reason="MNN has no build for this platform")
    with_form(tmp_path)

    runtime = choose_cpu_runtime([tmp_path / "toy"], 2, wanted)

    assert runtime == (wanted or "auto")
    assert capsys.readouterr().err == f"mattebox: toy is computed by {title}.\n"


def test_a_runtime_that_cannot_compute_a_model_is_an_error(tmp_path: Path) -> None:
    toy_network.install(tmp_path, "toy")

    with pytest.raises(CannotStartError, match=r"MATTEBOX_CPU_RUNTIME is mnn\. .*not "):
        choose_cpu_runtime([tmp_path / "toy"], 2, "mnn")


@pytest.mark.parametrize("wanted", ["", "openvino", "MNN"])
def test_a_runtime_that_nobody_knows_is_an_error(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(CannotStartError, match=f"'{wanted}', expected one of auto, mnn, onn"):
        choose_cpu_runtime([tmp_path], 2, wanted)
