import pytest

from gateway.reference.document import Document, Operation, read_packaged
from gateway.reference.operations import operation_section, sample, status_badge


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.from_json(read_packaged())


def section(document: Document, path: str) -> str:
    operations = {each.path: each for each in document.operations()}
    return operation_section(document, operations[path])


def test_an_operation_is_shown_with_all_that_it_takes_and_gives(document: Document) -> None:
    shown = section(document, "/v2")
    for part in ("Request body", "Image", "Options", "Answers", "JSON of the answer"):
        assert f"<h4>{part}</h4>" in shown
    assert "multipart/form-data" in shown
    assert shown.count("<figure>") == 3
    assert 'href="#authentication"' in shown
    assert 'href="#image_url_fetch_failed"' in shown
    assert 'href="#x-foreground-found"' in shown


def test_headers_that_all_answers_have_are_told_once(document: Document) -> None:
    assert section(document, "/v2").count("<code>X-Request-Id</code>") == 1


def test_a_probe_is_shown_in_short(document: Document) -> None:
    shown = section(document, "/v2/health")
    assert "Headers</th>" not in shown
    assert "JSON of the answer" not in shown
    assert "Request body" not in shown
    assert "API key" not in shown
    assert "<code>{&quot;status&quot;: &quot;unavailable&quot;}</code>" in shown


def test_an_answer_that_is_not_json_is_shown_by_its_type(document: Document) -> None:
    assert "<code>text/html</code>" in section(document, "/docs")


def test_what_a_document_says_is_text_and_no_markup() -> None:
    hostile = "<script>alert(1)</script>"
    answer = {"description": hostile, "headers": {hostile: {}}, "content": {hostile: {}}}
    content = {
        "operationId": '"><script>',
        "summary": hostile,
        "description": hostile,
        "security": [],
        "parameters": [],
        "responses": {"200": answer},
        "x-codeSamples": [{"label": hostile, "source": hostile}],
    }
    shown = operation_section(Document({}), Operation("GET", hostile, content))
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 9


@pytest.mark.parametrize(("status", "colour"), [(200, "s2"), (404, "s4"), (503, "s5")])
def test_a_status_has_the_colour_of_its_class(status: int, colour: str) -> None:
    assert status_badge(status) == f'<span class="status {colour}">{status}</span>'


def test_a_sample_keeps_its_lines() -> None:
    shown = sample({"label": "a", "source": "one \\\n  two"})
    assert "<pre><code>one \\\n  two</code></pre>" in shown
