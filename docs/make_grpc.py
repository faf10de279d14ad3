"""Writes docs/reference/grpc.md from the protos' comments. Run: python docs/make_grpc.py."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

ROOT = Path(__file__).parents[1]
PROTOS = ROOT / "proto"
IMPORTED = Path(field_behavior_pb2.__file__).parents[2]
PAGE = Path(__file__).parent / "reference" / "grpc.md"
PACKAGE = "mattebox.segmenter.v1"
HEAD = f"""\
# gRPC reference

Every service, message and enum of the contract, with the comments of its protos
([`proto/mattebox/segmenter/v1`](../../proto/mattebox/segmenter/v1)), from which this page is
made by `python docs/make_grpc.py`. `{PACKAGE}` is also the Python package with the
stubs; `mattebox up` serves it at 127.0.0.1:50051, with `grpc.health.v1` and reflection beside it.

"""

# The numbers of what may hold comments, in a path into a FileDescriptorProto.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _ONEOFS = 2, 8
_VALUES, _METHODS = 2, 2

_SCALARS = {
    number: name.removeprefix("TYPE_").lower() for name, number in FieldDescriptorProto.Type.items()
}
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A proto file, and what its comments say, by where they stand."""

    file: FileDescriptorProto
    comments: dict[Place, str]

    def comment(self, *place: int) -> str:
        """What is said at a place, as one line; its paragraphs stay apart."""
        paragraphs = re.split(r"\n\s*\n", self.comments.get(place, "").strip())
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    def cell(self, *place: int) -> str:
        """The same for the cell of a table."""
        return self.comment(*place).replace("\n\n", "<br>").replace("|", "\\|")


def page() -> str:
    """The whole page."""
    sources = read()
    lines = [
        *(line for source in sources for line in _services(source)),
        *["## Messages", ""],
        *(line for source in sources for line in _messages(source)),
        *["## Enums", ""],
        *(line for source in sources for line in _enums(source)),
    ]
    return HEAD + "\n".join(lines).rstrip("\n") + "\n"


def read() -> list[Source]:
    """Reads the protos, with their comments, the services' first."""
    names = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set.binpb"
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={PROTOS}"]
        command += [f"--proto_path={IMPORTED}", "--include_source_info"]
        subprocess.run([*command, f"--descriptor_set_out={out}", *names], check=True)
        files = FileDescriptorSet.FromString(out.read_bytes()).file
    found = [Source(file, dict(_comments(file))) for file in files]
    return sorted(found, key=lambda source: not source.file.service)


def _comments(file: FileDescriptorProto) -> Iterator[tuple[Place, str]]:
    for location in file.source_code_info.location:
        yield tuple(location.path), location.leading_comments


def _services(source: Source) -> Iterator[str]:
    for s, service in enumerate(source.file.service):
        yield from [f"## {service.name}", "", source.comment(_SERVICES, s), ""]
        yield from _methods(source, s, service)


def _methods(source: Source, s: int, service: ServiceDescriptorProto) -> Iterator[str]:
    for m, method in enumerate(service.method):
        takes = _typed(method.input_type, "stream " if method.client_streaming else "")
        gives = _typed(method.output_type, "stream " if method.server_streaming else "")
        yield from [f"### {method.name}", "", f"Takes {takes}, answers {gives}.", ""]
        yield from [source.comment(_SERVICES, s, _METHODS, m), ""]


def _messages(source: Source) -> Iterator[str]:
    for m, message in enumerate(source.file.message_type):
        yield from [f"### {message.name}", "", source.comment(_MESSAGES, m), ""]
        if message.field:
            yield from [
                *_table(["field", "no.", "type", "meaning"], _fields(source, m, message)),
                "",
            ]


def _fields(source: Source, m: int, message: DescriptorProto) -> Iterator[Sequence[str]]:
    for f, field in enumerate(message.field):
        meaning = source.cell(_MESSAGES, m, _FIELDS, f)
        if field.HasField("oneof_index") and not field.proto3_optional:
            meaning += f"<br>One of `{message.oneof_decl[field.oneof_index].name}`."
        yield [f"`{field.name}`", str(field.number), _type(field), meaning]


def _enums(source: Source) -> Iterator[str]:
    for e, enum in enumerate(source.file.enum_type):
        yield from [f"### {enum.name}", "", source.comment(_ENUMS, e), ""]
        yield from [*_table(["value", "no.", "meaning"], _values(source, e, enum)), ""]


def _values(source: Source, e: int, enum: EnumDescriptorProto) -> Iterator[Sequence[str]]:
    for v, value in enumerate(enum.value):
        yield [f"`{value.name}`", str(value.number), source.cell(_ENUMS, e, _VALUES, v)]


def _type(field: FieldDescriptorProto) -> str:
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    required = field_behavior_pb2.REQUIRED in _behaviours(field)
    label = "repeated " if repeated else "optional " if field.proto3_optional else ""
    label = "required " if required else label
    return _typed(field.type_name, label) if field.type_name else f"{label}{_SCALARS[field.type]}"


def _behaviours(field: FieldDescriptorProto) -> Sequence[int]:
    told: Sequence[int] = field.options.Extensions[field_behavior_pb2.field_behavior]
    return told


def _typed(full_name: str, label: str) -> str:
    """A type of ours as a link, another one by its full name."""
    name = full_name.removeprefix(f".{PACKAGE}.")
    if name == full_name:
        return f"{label}`{full_name.lstrip('.')}`"
    return f"{label}[{name}](#{name.lower()})"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(page())
