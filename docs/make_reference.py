"""Writes docs/reference/http.md from the OpenAPI document that every gateway serves.

Run: python docs/make_reference.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.reference.document import Document, Node, Operation, read_packaged
from gateway.reference.fields import RequestField, meaning, request_fields, source_names

PAGE = Path(__file__).parent / "reference" / "http.md"
HEAD = """\
# /v2 reference

Every path, field, option, header and error of the public API. [The API by example](../api.md) shows
them with commands and what they print. A running Mattebox serves the same for a browser at `/docs`,
and at `/openapi.json` the document (OpenAPI 3.1) from which this page is made, by
`python docs/make_reference.py`.
"""


MEMBERS = ["member", "meaning"]


def page() -> str:
    """The whole page."""
    document = Document.from_json(read_packaged())
    operations = [*document.operations()]
    lines = [HEAD, document.content["info"]["description"], "", *_overview(operations)]
    lines += ["", "## Authentication", "", *_authentication(document)]
    for operation in operations:
        lines += [
            "",
            f"## {operation.method} {operation.path}",
            "",
            *_operation(document, operation),
        ]
    lines += ["", "## Headers", "", *_headers(document)]
    lines += ["", "## Error codes", "", *_codes(document)]
    return "\n".join(lines) + "\n"


def _overview(operations: Iterable[Operation]) -> Iterator[str]:
    rows = []
    for operation in operations:
        name = f"[`{operation.method} {operation.path}`](#{_anchor(operation)})"
        needs_key = "yes" if operation.content["security"] else "no"
        rows.append([name, operation.content["summary"], needs_key])
    yield from _table(["path", "what it does", "needs a key"], rows)


def _authentication(document: Document) -> Iterator[str]:
    rows = []
    for scheme in document.component("securitySchemes").values():
        if scheme["type"] == "apiKey":
            where = f"`{scheme['name']}`, in the {scheme['in']}"
        else:
            where = f"`Authorization: {scheme['scheme'].capitalize()} …`"
        rows.append([where, scheme["description"]])
    yield from _table(["key in", "meaning"], rows)


def _operation(document: Document, operation: Operation) -> Iterator[str]:
    yield f"{operation.content['summary']}."
    yield ""
    yield operation.content["description"]
    for shown in operation.content.get("x-codeSamples", ()):
        yield from ["", f"{shown['label']}:", "", "```sh", shown["source"], "```"]
    if "requestBody" in operation.content:
        yield from _request(document, operation)
    yield from ["", "**Answers**", "", *_answers(document, operation)]
    for title, schema in _json_answers(document, operation):
        yield from ["", f"{title} In JSON:", "", *_table(MEMBERS, _members(document, schema, ""))]


def _request(document: Document, operation: Operation) -> Iterator[str]:
    body = operation.content["requestBody"]
    sources = source_names(document, operation)
    fields = request_fields(document, operation)
    kinds = ", ".join(f"`{kind}`" for kind in body["content"])
    yield from [
        "",
        "**Request body**",
        "",
        body["description"],
        "",
        f"Of one of the types {kinds}.",
    ]
    images = [field for field in fields if field.name in sources]
    options = [field for field in fields if field.is_option]
    others = [field for field in fields if field not in images + options]
    yield from ["", "**Image**: exactly one of these, or its bytes as the body", ""]
    yield from [*_fields_table(images), "", "**Options**", "", *_fields_table(options)]
    yield from ["", "**Other fields**", "", *_fields_table(others)]


def _fields_table(fields: Iterable[RequestField]) -> Iterator[str]:
    rows = []
    for field in fields:
        schema = field.schema
        name = f"`{field.name}`" + (", legacy" if schema.get("deprecated") else "")
        values = ", ".join(_spellings(schema)) or schema.get("type", "")
        default = f"`{_spelt(schema['default'])}`" if "default" in schema else ""
        rows.append([name, ", ".join(field.places), values, default, schema["description"]])
    yield from _table(["field", "where", "values", "default", "meaning"], rows)


def _answers(document: Document, operation: Operation) -> Iterator[str]:
    answers = document.responses(operation)
    common = set.intersection(*(set(answer["headers"]) for answer in answers.values()))
    rows = []
    for status, answer in answers.items():
        failure = document.failure(answer)
        told = [f"[`{code}`](#error-codes)" for code in failure.codes] if failure else []
        kinds = ", ".join(told or [f"`{kind}`" for kind in answer["content"]])
        own = [f"`{name}`" for name in answer["headers"] if name not in common]
        rows.append([str(status), answer["description"], kinds, ", ".join(own)])
    yield from _table(["status", "meaning", "type, or code", "headers"], rows)
    yield ""
    yield f"Each of them has {' and '.join(f'`{name}`' for name in sorted(common))} as well."


def _json_answers(document: Document, operation: Operation) -> Iterator[tuple[str, Node]]:
    content = document.responses(operation)[200]["content"].get("application/json")
    if content is not None:
        schema = document.resolve(content["schema"])
        for choice in map(document.resolve, schema.get("oneOf", [schema])):
            if "properties" in choice:
                yield choice["description"], choice


def _members(document: Document, schema: Node, path: str) -> Iterator[list[str]]:
    for name, member in schema["properties"].items():
        resolved = document.resolve(member)
        if resolved.get("type") == "object" and "properties" in resolved:
            yield from _members(document, resolved, f"{path}{name}.")
        else:
            yield [f"`{path}{name}`", meaning(resolved)]


def _headers(document: Document) -> Iterator[str]:
    own = document.component("parameters").values()
    sent = [parameter for parameter in own if parameter["in"] == "header"]
    rows = [
        [f"`{each['name']}`, of a request", each["description"], _example(each)] for each in sent
    ]
    for name, header in document.component("headers").items():
        rows.append([f"`{name}`", header["description"], _example(header)])
    yield from _table(["header", "meaning", "for example"], rows)


def _codes(document: Document) -> Iterator[str]:
    codes = document.component("schemas")["ErrorCode"]
    statuses = _statuses(document)
    yield f"{codes['description']} Every error has this shape:"
    yield ""
    yield from _table(MEMBERS, _members(document, document.component("schemas")["Error"], ""))
    yield ""
    rows = [
        [f"`{code['const']}`", str(statuses[code["const"]]), code["description"]]
        for code in codes["oneOf"]
    ]
    yield from _table(["code", "status", "meaning"], rows)


def _statuses(document: Document) -> Mapping[str, int]:
    """The status that each code comes with."""
    errors = (
        document.failure({"content": {"application/json": {"schema": schema}}})
        for schema in document.component("schemas").values()
    )
    return {code: error.status for error in errors if error for code in error.codes}


def _table(headings: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        cells = (" ".join(cell.replace("|", "\\|").split()) for cell in row)
        yield f"| {' | '.join(cells)} |"


def _anchor(operation: Operation) -> str:
    """Where its heading is, as GitHub and the site spell it."""
    kept = "".join(c for c in f"{operation.method} {operation.path}" if c.isalnum() or c in "-_ ")
    return kept.lower().replace(" ", "-")


def _spellings(schema: Node) -> list[str]:
    return [f"`{value}`" for value in dict.fromkeys(map(_spelt, schema.get("enum", ())))]


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _example(node: Node) -> str:
    value: Any = node.get("example", node["schema"].get("const"))
    return "" if value is None else f"`{_spelt(value)}`"


if __name__ == "__main__":
    PAGE.write_text(page())
