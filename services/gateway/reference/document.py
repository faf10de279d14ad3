"""The OpenAPI document in the package, and what its references stand for. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

Node = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def read_packaged() -> bytes:
    """Reads the document as it is served."""
    return files("gateway.reference").joinpath("openapi.json").read_bytes()


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one path."""

    method: str
    path: str
    content: Node

    @property
    def anchor(self) -> str:
        """Its place on a page; the document's own name for it."""
        return str(self.content["operationId"])


@dataclass(frozen=True, slots=True)
class Failure:
    """The status of an error, and the codes that it may come with."""

    status: int
    codes: tuple[str, ...]


class Document:
    """An OpenAPI document whose references all lie in itself."""

    def __init__(self, content: Node) -> None:
        self.content = content

    @classmethod
    def from_json(cls, text: bytes) -> "Document":
        """Reads the document out of its JSON."""
        return cls(json.loads(text))

    def component(self, kind: str) -> Mapping[str, Node]:
        """All components of one kind, such as ``headers``, by their names."""
        named: Mapping[str, Node] = self.content["components"][kind]
        return named

    def resolve(self, node: Node) -> dict[str, Any]:
        """Follows the reference in ``node``, if there is one.

        What stands beside a reference comes before what it refers to.

        Raises:
            KeyError: if it leads nowhere.
        """
        beside = {name: value for name, value in node.items() if name != "$ref"}
        if "$ref" not in node:
            return beside
        target: Any = self.content
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        return self.resolve(target) | beside

    def operations(self) -> Iterator[Operation]:
        """All operations, in the document's order."""
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Operation(method.upper(), path, item[method])

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        """The answers of ``operation`` by their statuses."""
        listed = operation.content["responses"]
        return {int(status): self.resolve(answer) for status, answer in listed.items()}

    def failure(self, response: Node) -> Failure | None:
        """What an answer's error envelope may tell; None where the answer is no error."""
        answer = response["content"].get("application/json", {"schema": {}})
        for part in self.resolve(answer["schema"]).get("allOf", ()):
            envelope = part.get("properties", {}).get("error", {}).get("properties", {})
            if "code" in envelope:
                return Failure(envelope["status"]["const"], tuple(envelope["code"]["enum"]))
        return None
