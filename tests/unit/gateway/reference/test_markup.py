from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reference.markup import Markup, element, joined, paragraphs, prose, spaced, table

# What HTML cannot hold at all, or reads as something else: line ends and surrogates.
texts = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs", "Cc", "Cn"]))


class Reader(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


@given(text=texts, value=texts)
def test_text_and_attributes_come_back_as_they_were(text: str, value: str) -> None:
    seen = read(element("p", text, title=value))
    assert (seen.tags, seen.attributes, seen.text) == (["p"], [("title", value)], text)


@given(text=texts)
def test_text_makes_no_elements_but_code(text: str) -> None:
    for markup in (prose(text), paragraphs(text), joined(text), spaced([text])):
        assert set(read(markup).tags) <= {"p", "code"}


def test_markup_is_not_escaped_again() -> None:
    inner = element("b", "1 < 2")
    assert element("p", inner, " & ") == "<p><b>1 &lt; 2</b> &amp; </p>"
    assert joined(inner, Markup("<hr>")) == "<b>1 &lt; 2</b><hr>"


def test_names_of_attributes_are_those_of_html() -> None:
    assert element("a", class_="x", aria_label="y") == '<a class="x" aria-label="y"></a>'


def test_empty_elements_have_no_end() -> None:
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain", "plain"),
        ("a `b` c", "a <code>b</code> c"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("one ` alone", "one ` alone"),
    ],
)
def test_backticks_enclose_code(text: str, markup: str) -> None:
    assert prose(text) == markup


def test_empty_lines_divide_paragraphs() -> None:
    assert paragraphs("a\n\nb `c`") == "<p>a</p><p>b <code>c</code></p>"
    assert paragraphs("") == ""


def test_the_cells_of_a_table_tell_their_headings() -> None:
    markup = table(["Code", "Meaning"], [["<x>", element("b", "y")]])
    assert '<th scope="col">Code</th><th scope="col">Meaning</th>' in markup
    assert '<td data-label="Code">&lt;x&gt;</td><td data-label="Meaning"><b>y</b></td>' in markup


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        table(["Code", "Meaning"], [["x"]])
