"""Which fields an operation's request and answers have, and how the page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.reference.document import Document, Node, Operation
from gateway.reference.markup import Markup, element, joined, prose, spaced, table

_SHORT_NAMES = {
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "urlencoded",
    "application/json": "JSON",
}
_QUERY = "query"


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of a request, and the kinds of body, or the query string, that it may stand in."""

    name: str
    schema: Node
    places: tuple[str, ...]

    @property
    def is_option(self) -> bool:
        """Whether it may stand in the query string beside a body that is the image itself."""
        return _QUERY in self.places


def request_fields(document: Document, operation: Operation) -> list[RequestField]:
    """Gathers the fields of all kinds of body, each once."""
    schemas: dict[str, Node] = {}
    places: dict[str, list[str]] = {}
    for media_type, body in operation.content.get("requestBody", {}).get("content", {}).items():
        schema = document.resolve(body["schema"])
        for name, field in schema.get("properties", {}).items():
            schemas.setdefault(name, document.resolve(field))
            places.setdefault(name, []).append(_SHORT_NAMES[media_type])
    for parameter in map(document.resolve, operation.content["parameters"]):
        if parameter["in"] == "query" and parameter["name"] in places:
            places[parameter["name"]].append(_QUERY)
    return [RequestField(name, schema, tuple(places[name])) for name, schema in schemas.items()]


def source_names(document: Document, operation: Operation) -> set[str]:
    """The fields of which a request must have exactly one."""
    names: set[str] = set()
    for body in operation.content.get("requestBody", {}).get("content", {}).values():
        for choice in document.resolve(body["schema"]).get("oneOf", ()):
            names |= set(choice["required"])
    return names


def field_table(operation: Operation, fields: list[RequestField]) -> Markup:
    """Shows fields of a request, each to link to. Where they stand is said once, if it can be."""
    rows: list[list[str]] = [
        [_field_name(operation, field), _field_meaning(field.schema)] for field in fields
    ]
    if len({field.places for field in fields}) == 1:
        where = element("p", f"Where: {', '.join(fields[0].places)}.", class_="places")
        return joined(where, table(["Field", "Meaning"], rows))
    for row, field in zip(rows, fields, strict=True):
        row.append(element("span", ", ".join(field.places), class_="places"))
    return table(["Field", "Meaning", "Where"], rows)


def answer_table(document: Document, schema: Node) -> Markup:
    """Shows the members of a JSON answer, those inside of others by their paths."""
    rows: list[list[str]] = [
        [element("code", path), element("p", prose(meaning(member)))]
        for path, member in _members(document, schema, "")
    ]
    return table(["Member", "Meaning"], rows)


def has_news(document: Document, schema: Node) -> bool:
    """Tells whether a JSON answer holds anything that is not always the same."""
    return any("const" not in member for _, member in _members(document, schema, ""))


def meaning(schema: Node) -> str:
    """Says in one sentence or more what a member holds."""
    if "const" in schema:
        return f"Always `{_spelt(schema['const'])}`."
    listed = ", ".join(f"`{_spelt(value)}`" for value in schema.get("enum", ()))
    told = str(schema.get("description", "")) or f"{str(schema['type']).capitalize()}."
    return f"{told} One of {listed}." if listed else told


def _members(document: Document, schema: Node, path: str) -> Iterator[tuple[str, Node]]:
    for name, member in schema.get("properties", {}).items():
        resolved = document.resolve(member)
        inner = f"{path}{name}"
        if resolved.get("type") == "object" and "properties" in resolved:
            yield from _members(document, resolved, f"{inner}.")
        else:
            yield inner, resolved


def _field_name(operation: Operation, field: RequestField) -> Markup:
    anchor = f"{operation.anchor}-{field.name}"
    link = element("a", element("code", field.name), href=f"#{anchor}", id=anchor, class_="anchor")
    if not field.schema.get("deprecated"):
        return link
    return joined(link, element("span", "legacy", class_="note"))


def _field_meaning(schema: Node) -> Markup:
    told = element("p", prose(schema["description"]))
    # JSON's true and the text "true" are spelt alike.
    spellings = dict.fromkeys(map(_spelt, schema.get("enum", ())))
    if not spellings:
        return told
    default = _spelt(schema.get("default"))
    chips = (_chip(spelling, is_default=spelling == default) for spelling in spellings)
    return joined(told, element("p", spaced(chips), class_="values"))


def _chip(spelling: str, *, is_default: bool) -> Markup:
    code = element("code", spelling)
    return (
        element("span", code, element("small", " default"), class_="default")
        if is_default
        else code
    )


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
