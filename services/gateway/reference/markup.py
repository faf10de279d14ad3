"""Makes HTML out of elements. Whatever is not markup yet is escaped. Pure."""

import re
from collections.abc import Iterable
from html import escape

_CODE_SPAN = re.compile(r"`([^`]+)`")
_EMPTY_ELEMENTS = frozenset({"br", "hr", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Markup:
    """Makes an element. Of its attributes' names, underscores at the end are dropped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    if name in _EMPTY_ELEMENTS:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Puts ``children`` one after the other."""
    return Markup("".join(map(_escaped, children)))


def spaced(children: Iterable[str]) -> Markup:
    """Puts ``children`` one after the other, with spaces where a line may break."""
    return Markup(" ".join(map(_escaped, children)))


def prose(text: str) -> Markup:
    """Marks up one paragraph, in which backticks enclose code."""
    parts = _CODE_SPAN.split(text)
    return joined(
        *(element("code", part) if index % 2 else part for index, part in enumerate(parts))
    )


def paragraphs(text: str) -> Markup:
    """Marks up paragraphs, which empty lines divide."""
    return joined(*(element("p", prose(part)) for part in text.split("\n\n") if part))


def table(headings: list[str], rows: list[list[str]]) -> Markup:
    """Makes a table whose cells tell their headings, for screens too narrow for columns."""
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    body = (
        element(
            "tr",
            *(
                element("td", cell, data_label=heading)
                for heading, cell in zip(headings, row, strict=True)
            ),
        )
        for row in rows
    )
    return element("table", element("thead", head), element("tbody", *body))


def _escaped(child: str) -> str:
    return child if isinstance(child, Markup) else escape(child)
