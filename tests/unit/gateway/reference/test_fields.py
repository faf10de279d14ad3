import pytest

from gateway.reference.document import Document, Operation, read_packaged
from gateway.reference.fields import (
    answer_table,
    field_table,
    has_news,
    meaning,
    request_fields,
    source_names,
)


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.from_json(read_packaged())


@pytest.fixture(scope="module")
def operation(document: Document) -> Operation:
    return next(each for each in document.operations() if each.path == "/v2")


def test_each_field_is_told_once_with_all_its_places(
    document: Document, operation: Operation
) -> None:
    fields = {field.name: field for field in request_fields(document, operation)}
    assert fields["image_file"].places == ("multipart",)
    assert fields["image_url"].places == ("multipart", "urlencoded", "JSON")
    assert fields["image"].places == ("JSON",)
    assert fields["format"].places == ("multipart", "urlencoded", "JSON", "query")


def test_options_are_what_the_query_string_takes_too(
    document: Document, operation: Operation
) -> None:
    options = [field.name for field in request_fields(document, operation) if field.is_option]
    assert options == ["format", "channels", "size", "crop", "bg_color", "despill"]


def test_the_sources_are_those_of_which_one_is_required(
    document: Document, operation: Operation
) -> None:
    wanted = {"image_file", "image_url", "imageUrl", "image_base64", "image_file_b64", "image"}
    assert source_names(document, operation) == wanted


def test_an_operation_without_a_body_has_no_fields(document: Document) -> None:
    health = next(each for each in document.operations() if each.path == "/v2/health")
    assert request_fields(document, health) == []
    assert source_names(document, health) == set()


def test_places_are_said_once_where_they_are_all_the_same(
    document: Document, operation: Operation
) -> None:
    fields = request_fields(document, operation)
    options = field_table(operation, [field for field in fields if field.is_option])
    assert "Where: multipart, urlencoded, JSON, query." in options
    assert options.count("multipart") == 1

    everything = field_table(operation, fields)
    assert 'data-label="Where"' in everything


def test_choices_are_told_once_each_and_the_default_is_marked(
    document: Document, operation: Operation
) -> None:
    crop = [field for field in request_fields(document, operation) if field.name == "crop"]
    markup = field_table(operation, crop)
    assert markup.count("<code>true</code>") == 1
    assert '<span class="default"><code>false</code><small> default</small></span>' in markup


def test_fields_can_be_linked_to(document: Document, operation: Operation) -> None:
    markup = field_table(operation, request_fields(document, operation))
    assert 'href="#removeBackground-size" id="removeBackground-size"' in markup


def test_fields_for_older_clients_are_marked(document: Document, operation: Operation) -> None:
    image = [field for field in request_fields(document, operation) if field.name == "image"]
    assert "legacy" in field_table(operation, image)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"const": True}, "Always `true`."),
        ({"const": "ok"}, "Always `ok`."),
        ({"type": "string"}, "String."),
        ({"type": "string", "description": "A name."}, "A name."),
        ({"description": "Kind.", "enum": ["a", 1]}, "Kind. One of `a`, `1`."),
    ],
)
def test_members_of_answers_are_told_in_sentences(schema: dict[str, object], told: str) -> None:
    assert meaning(schema) == told


def test_members_inside_of_others_are_told_by_their_paths(document: Document) -> None:
    markup = answer_table(document, document.component("schemas")["AccountFacts"])
    assert "<code>api_key.mode</code>" in markup
    assert "<code>usage.images</code>" in markup
    assert "<code>usage</code>" not in markup


def test_an_answer_that_is_always_the_same_has_no_news(document: Document) -> None:
    schemas = document.component("schemas")
    assert not has_news(document, schemas["Serving"])
    assert has_news(document, schemas["AccountFacts"])
    assert not has_news(document, {"type": "object"})
