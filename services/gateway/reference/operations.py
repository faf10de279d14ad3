"""How the page shows one operation: what to send and what comes back."""

from collections.abc import Iterable

from gateway.reference.document import Document, Node, Operation
from gateway.reference.fields import (
    answer_table,
    field_table,
    has_news,
    request_fields,
    source_names,
)
from gateway.reference.markup import Markup, element, joined, paragraphs, prose, spaced, table


def operation_section(document: Document, operation: Operation) -> Markup:
    """Shows an operation with all that belongs to it."""
    content = operation.content
    return element(
        "article",
        element(
            "h3",
            method_badge(operation),
            " ",
            element("a", operation.path, href=f"#{operation.anchor}", class_="anchor path"),
            id=operation.anchor,
        ),
        element("p", prose(content["summary"]), class_="lead"),
        paragraphs(content["description"]),
        _key_note(operation),
        *(sample(shown) for shown in content.get("x-codeSamples", ())),
        _request(document, operation),
        element("h4", "Answers"),
        _answers(document, operation),
        _json_answer(document, operation),
    )


def method_badge(operation: Operation) -> Markup:
    """Shows the method, in its own colour."""
    return element("span", operation.method, class_=f"method {operation.method.lower()}")


def sample(shown: Node) -> Markup:
    """Shows a sample to copy, with what it is about."""
    caption = element("figcaption", shown["label"])
    return element("figure", caption, element("pre", element("code", shown["source"])))


def status_badge(status: int) -> Markup:
    """Shows a status, in the colour of its class."""
    return element("span", str(status), class_=f"status s{status // 100}")


def _key_note(operation: Operation) -> Markup:
    if not operation.content["security"]:
        return joined()
    return element(
        "p", "Needs an ", element("a", "API key", href="#authentication"), ".", class_="key"
    )


def _request(document: Document, operation: Operation) -> Markup:
    body = operation.content.get("requestBody")
    if body is None:
        return joined()
    sources = source_names(document, operation)
    fields = request_fields(document, operation)
    images = [field for field in fields if field.name in sources]
    options = [field for field in fields if field.is_option]
    others = [field for field in fields if field.name not in sources and not field.is_option]
    return joined(
        element("h4", "Request body"),
        paragraphs(body["description"]),
        element("p", spaced(element("code", kind) for kind in body["content"]), class_="values"),
        element("h4", "Image"),
        element("p", "Exactly one of these, or the bytes of the image as the body itself."),
        field_table(operation, images),
        element("h4", "Options"),
        field_table(operation, options),
        element("h4", "Other fields"),
        field_table(operation, others),
    )


def _answers(document: Document, operation: Operation) -> Markup:
    answers = document.responses(operation)
    common = set.intersection(*(set(answer["headers"]) for answer in answers.values()))
    own = {
        status: [name for name in answer["headers"] if name not in common]
        for status, answer in answers.items()
    }
    headings = ["Status", "Meaning", "Headers"] if any(own.values()) else ["Status", "Meaning"]
    rows: list[list[str]] = [
        [status_badge(status), _answer_meaning(document, answer), _header_links(own[status])]
        for status, answer in answers.items()
    ]
    return joined(
        element("p", "Each of them has ", _header_links(sorted(common)), ".", class_="places"),
        table(headings, [row[: len(headings)] for row in rows]),
    )


def _answer_meaning(document: Document, answer: Node) -> Markup:
    told = element("p", prose(answer["description"]))
    failure = document.failure(answer)
    if failure is not None:
        links = (element("a", element("code", code), href=f"#{code}") for code in failure.codes)
        return joined(told, element("p", spaced(links), class_="values"))
    kinds = (element("code", media_type) for media_type in answer["content"])
    return joined(told, element("p", spaced(kinds), class_="values"))


def _header_links(names: Iterable[str]) -> Markup:
    links = (element("a", element("code", name), href=f"#{name.lower()}") for name in names)
    return element("span", spaced(links), class_="values small")


def _json_answer(document: Document, operation: Operation) -> Markup:
    answer = document.responses(operation)[200]["content"].get("application/json")
    if answer is None:
        return joined()
    schema = document.resolve(answer["schema"])
    choices = [document.resolve(choice) for choice in schema.get("oneOf", [schema])]
    shown = [choice for choice in choices if has_news(document, choice)]
    if not shown:
        return joined()
    return joined(
        element("h4", "JSON of the answer"),
        *(
            joined(element("p", prose(choice["description"])), answer_table(document, choice))
            for choice in shown
        ),
    )
