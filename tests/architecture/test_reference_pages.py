"""The references say what the contracts and the commands say."""

import json
import re

import pytest
import typer

from gateway.reference.document import Document, read_packaged
from mattebox.cli import app
from mattebox.segmenter.v1 import segmenter_pb2
from mattebox.segmenter.v1.error_reason_pb2 import ErrorReason
from tests.conftest import ROOT
from tests.docs_scripts import docs_script

FOLDER = ROOT / "docs" / "reference"
HTTP, GRPC, COMMANDS = (
    (FOLDER / f"{name}.md").read_text() for name in ("http", "grpc", "command-line")
)
MAKERS = {"make_reference": HTTP, "make_grpc": GRPC, "make_command_line": COMMANDS}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_page_is_up_to_date(maker: str) -> None:
    assert docs_script(maker).page() == MAKERS[maker], f"run: python docs/{maker}.py"


@pytest.mark.parametrize("maker", MAKERS)
def test_a_page_names_no_folder_of_who_made_it(maker: str) -> None:
    assert str(ROOT) not in docs_script(maker).page()


def test_every_operation_field_header_and_code_of_v2_is_told() -> None:
    document = Document(json.loads(read_packaged()))
    told = [f"## {operation.method} {operation.path}\n" for operation in document.operations()]
    told += [f"| `{name}` |" for name in document.component("headers")]
    told += [
        f"| `{code['const']}` |" for code in document.component("schemas")["ErrorCode"]["oneOf"]
    ]
    for body in ("MultipartRequest", "FormRequest", "JsonRequest"):
        told += [f"| `{name}`" for name in document.component("schemas")[body]["properties"]]
    assert len(told) > 50
    assert [words for words in told if words not in HTTP] == []


def test_everything_of_the_grpc_contract_is_told_with_its_number() -> None:
    file = segmenter_pb2.DESCRIPTOR
    told = [f"### {name}\n" for name in [*file.message_types_by_name, *file.enum_types_by_name]]
    for service in file.services_by_name.values():
        told += [f"## {service.name}\n", *(f"### {method.name}\n" for method in service.methods)]
    for message in file.message_types_by_name.values():
        told += [f"| `{field.name}` | {field.number} |" for field in message.fields]
    for enum in (*file.enum_types_by_name.values(), ErrorReason.DESCRIPTOR):
        told += [f"| `{value.name}` | {value.number} |" for value in enum.values]
    assert len(told) > 150
    assert [words for words in told if words not in GRPC] == []


def test_what_a_request_must_have_is_said() -> None:
    assert "| `image` | 1 | required bytes |" in GRPC
    assert "| `scale` | 1 | optional float |" in GRPC
    assert "| `models` | 1 | repeated [Model](#model) |" in GRPC


def test_every_command_and_option_is_told() -> None:
    found = dict(docs_script("make_command_line").commands(typer.main.get_command(app), "mattebox"))
    assert {"mattebox up", "mattebox keys create"} <= found.keys()
    for name, command in found.items():
        (section,) = re.findall(
            rf"^## {name}\n(.*?)(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL
        )
        for param in command.params:
            if param.param_type_name == "option" and not param.hidden:
                assert all(f"`{option}" in section for option in param.opts), (name, param.opts)
