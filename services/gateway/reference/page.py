"""The whole page: an OpenAPI document for people, as one HTML file that loads nothing."""

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby

from gateway.reference.document import Document, Node, Operation
from gateway.reference.markup import Markup, element, joined, paragraphs, prose, table
from gateway.reference.operations import method_badge, operation_section, sample, status_badge

_START = {
    "label": "Once in each terminal",
    "source": "export MATTEBOX_URL=http://127.0.0.1:8080\nexport MATTEBOX_KEY=mb_live_…",
}


class Page:
    """The page of a document, and the policy under which a browser shows it."""

    def __init__(self, document: Document) -> None:
        style = files("gateway.reference").joinpath("page.css").read_text(encoding="utf-8")
        self.html = _page(document, style).encode()
        self.policy = _policy(style)


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _page(document: Document, style: str) -> Markup:
    info = document.content["info"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{info['title']} API"),
        element("style", Markup(style)),
    )
    body = element("body", _contents(document), _main(document))
    return joined(Markup("<!DOCTYPE html>\n"), element("html", head, body, lang="en"))


def _contents(document: Document) -> Markup:
    info = document.content["info"]
    brand = element(
        "p",
        element("strong", info["title"]),
        " ",
        element("span", f"API {info['version']}"),
        class_="brand",
    )
    return element(
        "nav",
        brand,
        element("ul", _link("start", "Start"), _link("authentication", "Authentication")),
        *(
            element("ul", *(_operation_link(operation) for operation in operations))
            for _, operations in _by_tag(document)
        ),
        element("ul", _link("headers", "Headers"), _link("errors", "Errors")),
        aria_label="Contents",
    )


def _main(document: Document) -> Markup:
    info = document.content["info"]
    return element(
        "main",
        element(
            "header",
            element("h1", info["title"]),
            element("p", info["summary"], class_="lead"),
            paragraphs(info["description"]),
        ),
        _start(document),
        _authentication(document),
        *(_tag_section(document, tag, operations) for tag, operations in _by_tag(document)),
        _headers(document),
        _errors(document),
        element(
            "footer",
            "The same for machines: ",
            element("a", "OpenAPI " + document.content["openapi"], href="/openapi.json"),
        ),
    )


def _start(document: Document) -> Markup:
    first = next(document.operations())
    return element(
        "section",
        element("h2", "Start"),
        sample(_START),
        sample(first.content["x-codeSamples"][0]),
        id="start",
    )


def _authentication(document: Document) -> Markup:
    rows: list[list[str]] = [
        [_scheme_name(scheme), prose(scheme["description"])]
        for scheme in document.component("securitySchemes").values()
    ]
    return element(
        "section",
        element("h2", "Authentication"),
        table(["Key in", "Meaning"], rows),
        id="authentication",
    )


def _scheme_name(scheme: Node) -> Markup:
    if scheme["type"] == "http":
        return joined("header ", element("code", "Authorization"))
    return joined(f"{scheme['in']} ", element("code", scheme["name"]))


def _tag_section(document: Document, tag: Node, operations: list[Operation]) -> Markup:
    return element(
        "section",
        element("h2", tag["name"]),
        element("p", prose(tag["description"])),
        *(operation_section(document, operation) for operation in operations),
        id=tag["name"].lower(),
    )


def _headers(document: Document) -> Markup:
    rows: list[list[str]] = [
        [
            element("code", name, id=name.lower()),
            joined(element("p", prose(header["description"])), _header_example(header)),
        ]
        for name, header in document.component("headers").items()
    ]
    return element(
        "section", element("h2", "Headers"), table(["Header", "Meaning"], rows), id="headers"
    )


def _header_example(header: Node) -> Markup:
    shown = header.get("example", header["schema"].get("const"))
    spelt = shown if isinstance(shown, str) else json.dumps(shown)
    return element("p", element("code", spelt), class_="values")


def _errors(document: Document) -> Markup:
    schema = document.component("schemas")["Error"]
    envelope = json.dumps(schema["examples"][0], indent=2, ensure_ascii=False)
    meanings = {
        choice["const"]: choice["description"]
        for choice in document.component("schemas")["ErrorCode"]["oneOf"]
    }
    rows: list[list[str]] = [
        [status_badge(failure.status), element("code", code, id=code), prose(meanings[code])]
        for failure in map(document.failure, document.component("responses").values())
        if failure is not None
        for code in failure.codes
    ]
    return element(
        "section",
        element("h2", "Errors"),
        element("p", prose(schema["description"])),
        sample({"label": "An error", "source": envelope}),
        table(["Status", "Code", "Meaning"], rows),
        id="errors",
    )


def _by_tag(document: Document) -> Iterator[tuple[Node, list[Operation]]]:
    tags = {tag["name"]: tag for tag in document.content["tags"]}
    grouped = groupby(document.operations(), key=lambda each: each.content["tags"][0])
    for name, operations in grouped:
        yield tags[name], list(operations)


def _operation_link(operation: Operation) -> Markup:
    content = joined(method_badge(operation), " ", operation.path)
    return element("li", element("a", content, href=f"#{operation.anchor}"))


def _link(anchor: str, label: str) -> Markup:
    return element("li", element("a", label, href=f"#{anchor}"))
