"""What a build gets to see of the repository."""

from pathlib import Path

import pytest

from tests.deploy.images import context
from tests.deploy.images.context import ContextError


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "requirements/gateway.txt",
        "services/gateway/main.py",
        "services/gateway/reference/openapi.json",
        "services/segmenter/imaging/kernels/kernels.h",
        "services/segmenter/imaging/kernels/matte.c",
        "deploy/triton/backends/onnxruntime/model.py",
        "model_repository/u2netp/config.pbtxt",
    ],
)
def test_what_images_are_made_of_is_in_the_context(path: str) -> None:
    assert context.is_inside(Path(path))


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".mattebox/mattebox.db",
        "tests/conftest.py",
        "deploy/docker/gateway.Dockerfile",
        "model_repository/u2netp/1/model.onnx",
        "model_repository/mine/config.pbtxt",
        "services/gateway/__pycache__/main.cpython-311.pyc",
        "services/segmenter/imaging/kernels/baseline.so",
        "services/segmenter/imaging/kernels/baseline.so.sha256",
        "requirements/notes/x.txt",
        ".env",
    ],
)
def test_what_is_not_listed_stays_out(path: str) -> None:
    assert not context.is_inside(Path(path))


def test_a_copy_of_what_stays_out_is_an_error() -> None:
    with pytest.raises(ContextError, match="keeps it out"):
        context.files("tests")
