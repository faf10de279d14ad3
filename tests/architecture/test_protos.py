"""The contract keeps to buf's STANDARD and COMMENTS rules, and to this project's own."""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from tests.conftest import ROOT

PROTO_ROOT = ROOT / "proto"
FILES = sorted(path.relative_to(PROTO_ROOT).as_posix() for path in PROTO_ROOT.rglob("*.proto"))

# ErrorReason's value names are the wire strings of ErrorInfo.reason; its file's header says so.
UNPREFIXED_ENUMS = {"ErrorReason"}

Element = tuple[str, str, str]
"""Kind, name and comment."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[descriptor_pb2.FileDescriptorProto]:
    out = tmp_path_factory.mktemp("protos") / "set.binpb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={PROTO_ROOT}"]
    command += [f"--proto_path={sysconfig.get_path('purelib')}", "--include_source_info"]
    subprocess.run([*command, f"--descriptor_set_out={out}", *FILES], check=True)
    return list(descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file)


def elements(file: descriptor_pb2.FileDescriptorProto) -> Iterator[Element]:
    """Walks everything that can have a comment."""
    comments = {
        tuple(location.path): location.leading_comments.strip()
        for location in file.source_code_info.location
    }
    for m, message in enumerate(file.message_type):
        yield "message", message.name, comments.get((4, m), "")
        for f, field in enumerate(message.field):
            yield "field", f"{message.name}.{field.name}", comments.get((4, m, 2, f), "")
        for o, oneof in enumerate(message.oneof_decl):
            if oneof.name in {f"_{field.name}" for field in message.field if field.proto3_optional}:
                continue  # the compiler's, for a field that may be unset
            yield "oneof", f"{message.name}.{oneof.name}", comments.get((4, m, 8, o), "")
    for e, enum in enumerate(file.enum_type):
        yield "enum", enum.name, comments.get((5, e), "")
        for v, value in enumerate(enum.value):
            yield "value", f"{enum.name}.{value.name}", comments.get((5, e, 2, v), "")
    for s, service in enumerate(file.service):
        yield "service", service.name, comments.get((6, s), "")
        for r, rpc in enumerate(service.method):
            yield "rpc", f"{service.name}.{rpc.name}", comments.get((6, s, 2, r), "")


def test_there_is_a_contract() -> None:
    assert "mattebox/segmenter/v1/segmenter.proto" in FILES


def test_every_element_says_what_it_is(files: list[descriptor_pb2.FileDescriptorProto]) -> None:
    found = [element for file in files for element in elements(file)]
    assert len(found) > 60
    silent = [f"{kind} {name}" for kind, name, comment in found if not comment.endswith(".")]
    assert silent == []


def test_a_package_lies_in_the_folder_of_its_name(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> None:
    for file in files:
        assert Path(file.name).parent.as_posix() == file.package.replace(".", "/")
        assert re.fullmatch(r"(.+\.)?v[0-9]+", file.package)


def test_services_and_rpcs_have_the_usual_names(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> None:
    for file in files:
        for service in file.service:
            assert service.name.endswith("Service")
            for rpc in service.method:
                assert rpc.input_type == f".{file.package}.{rpc.name}Request"
                assert rpc.output_type == f".{file.package}.{rpc.name}Response"


def test_enum_values_are_prefixed_and_zero_is_unspecified(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> None:
    for file in files:
        for enum in file.enum_type:
            prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
            assert enum.value[0].number == 0
            assert enum.value[0].name == prefix + "UNSPECIFIED"
            if enum.name not in UNPREFIXED_ENUMS:
                assert all(value.name.startswith(prefix) for value in enum.value)


def test_reasons_fit_into_error_info(files: list[descriptor_pb2.FileDescriptorProto]) -> None:
    (reasons,) = [enum for file in files for enum in file.enum_type if enum.name == "ErrorReason"]
    for value in reasons.value:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{0,62}", value.name)


def test_every_problem_of_an_option_is_in_the_list() -> None:
    sources = [path.read_text() for path in (ROOT / "services" / "segmenter").rglob("*.py")]
    told = {name for text in sources for name in re.findall(r'problem="(\w+)"', text)}
    proto = (PROTO_ROOT / "mattebox/segmenter/v1/error_reason.proto").read_text()
    (about,) = re.findall(r"((?: +//.*\n)+) +INVALID_OPTION = ", proto)
    assert told == set(re.findall(r'"(\w+)"', about))
