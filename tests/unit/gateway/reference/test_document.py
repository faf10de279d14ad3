from typing import Any

import pytest

from gateway.reference.document import Document, Failure, read_packaged

CONTENT: dict[str, Any] = {
    "paths": {
        "/b": {"post": {"operationId": "postB"}, "get": {"operationId": "getB", "responses": {}}},
        "/a": {"summary": "no method", "get": {"operationId": "getA"}},
    },
    "components": {
        "responses": {
            "Bad": {
                "description": "bad",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bad"}}},
            },
            "Good": {"content": {"image/png": {}}},
            "Other": {"content": {"application/json": {"schema": {"allOf": [{"type": "object"}]}}}},
        },
        "schemas": {
            "Name": {"type": "string", "description": "a name"},
            "Other/~name": {"$ref": "#/components/schemas/Name", "maxLength": 3},
            "Bad": {
                "allOf": [
                    {"type": "object"},
                    {
                        "properties": {
                            "error": {
                                "properties": {"status": {"const": 400}, "code": {"enum": ["a"]}}
                            }
                        }
                    },
                ]
            },
        },
    },
}


@pytest.fixture
def document() -> Document:
    return Document(CONTENT)


def test_references_are_followed_to_their_end(document: Document) -> None:
    found = document.resolve({"$ref": "#/components/schemas/Other~1~0name"})
    assert found == {"type": "string", "description": "a name", "maxLength": 3}


def test_what_stands_beside_a_reference_comes_first(document: Document) -> None:
    node = {"$ref": "#/components/schemas/Name", "description": "another"}
    assert document.resolve(node) == {"type": "string", "description": "another"}


def test_what_is_no_reference_stays_as_it_is(document: Document) -> None:
    assert document.resolve({"type": "integer"}) == {"type": "integer"}


def test_a_reference_to_nothing_is_an_error(document: Document) -> None:
    with pytest.raises(KeyError):
        document.resolve({"$ref": "#/components/schemas/Missing"})


def test_operations_come_by_path_in_the_documents_order(document: Document) -> None:
    listed = [(each.method, each.path, each.anchor) for each in document.operations()]
    assert listed == [("GET", "/b", "getB"), ("POST", "/b", "postB"), ("GET", "/a", "getA")]


def test_answers_are_resolved_and_have_numbers_for_statuses(document: Document) -> None:
    content = {"responses": {"400": {"$ref": "#/components/responses/Bad"}}}
    operation = next(document.operations())
    answers = document.responses(type(operation)("GET", "/b", content))
    assert [(status, answer["description"]) for status, answer in answers.items()] == [(400, "bad")]


def test_the_failure_is_found_in_the_envelope_and_nowhere_else(document: Document) -> None:
    responses = document.component("responses")
    assert document.failure(responses["Bad"]) == Failure(400, ("a",))
    assert document.failure(responses["Good"]) is None
    assert document.failure(responses["Other"]) is None


def test_the_packaged_document_is_read() -> None:
    document = Document.from_json(read_packaged())
    assert document.content["openapi"].startswith("3.1.")
    assert {each.path for each in document.operations()} >= {"/v2", "/docs"}
