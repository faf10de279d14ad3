"""The guide to the API leaves nothing out; tests/e2e/test_api_page.py runs what it shows."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from types import ModuleType

import pytest

from environment import variable_names
from gateway import errors
from gateway.errors import ApiError
from gateway.options import cut_out
from gateway.settings import GatewaySettings
from tests.conftest import ROOT
from tests.docs_scripts import docs_script

PAGE = ROOT / "docs" / "api.md"
SAMPLES = ROOT / "tests" / "contract" / "samples"
OPENAPI = ROOT / "services" / "gateway" / "reference" / "openapi.json"

VALUES: dict[str, Mapping[str, Enum]] = {
    "format": cut_out.FORMATS,
    "channels": cut_out.CHANNELS,
    "size": cut_out.SIZES,
}


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return docs_script("make_api")


def errors_of(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors_of(narrower)


@pytest.mark.parametrize("option", sorted(cut_out.NAMES))
def test_every_option_has_a_section_with_its_values_and_a_command(
    page: str, maker: ModuleType, option: str
) -> None:
    (section,) = re.findall(rf"^### `{option}`\n(.*?)^##", page, re.MULTILINE | re.DOTALL)
    assert any(f"{option}=" in command for command in maker.commands(section))
    for value in VALUES.get(option, {}):
        assert f"`{value}`" in section


def test_every_error_has_its_row_with_its_status(page: str) -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE)
    raised = {kind for kind in errors_of(ApiError) if kind.__module__.startswith("gateway.errors.")}
    assert {(int(status), code) for status, code in rows} == {
        (kind.status, kind.code) for kind in raised if kind is not errors.RetryLaterError
    }
    assert len(rows) == len(set(rows))


def test_every_field_of_every_body_is_told(page: str) -> None:
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    for body in ("MultipartRequest", "FormRequest", "JsonRequest"):
        for field in schemas[body]["properties"]:
            assert f"`{field}`" in page or f'"{field}"' in page


def test_every_setting_that_is_named_is_one(page: str) -> None:
    named = set(re.findall(r"MATTEBOX_GATEWAY_\w+", page))
    assert named
    assert named <= set(variable_names(GatewaySettings))


@pytest.mark.parametrize("sample", ["python_files.py", "node_form.mjs"])
def test_the_clients_are_those_that_are_run(page: str, sample: str) -> None:
    assert f"\n{(SAMPLES / sample).read_text()}```\n" in page


def test_commands_and_their_outputs_are_told_apart(maker: ModuleType) -> None:
    page = "Text\n```console\n$ one \\\n    more\nout\n\nput\n$ two\n```\n```sh\n$ three\n```\n"
    assert maker.commands(page) == ["one \\\n    more", "two"]


def test_what_differs_from_run_to_run_is_left_out(maker: ModuleType) -> None:
    printed = (
        "X-Width: 600\r\nContent-Length: 247091\r\nRetry-After: 7\r\n"
        "Server-Timing: queue;dur=0.1, infer;dur=68.1\r\n"
        '{"mask": "iVBORw0KGgoAAAANSUhEUg==", "request_id": "docs-1"}\n'
        "X-Request-Id: req_0123456789abcdef0123456789abcdef\n"
    )
    assert maker.normal(printed) == (
        "X-Width: 600\nContent-Length: …\nRetry-After: …\n"
        "Server-Timing: queue;dur=…, infer;dur=…\n"
        '{"mask": "iVBOR…", "request_id": "docs-1"}\n'
        "X-Request-Id: req_…"
    )
