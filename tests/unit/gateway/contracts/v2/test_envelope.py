import json

from gateway.contracts.v2.envelope import render_error
from gateway.errors import InvalidFieldsError, MethodNotAllowedError


async def test_an_error_is_put_into_the_envelope_with_its_headers() -> None:
    response = render_error(MethodNotAllowedError("POST"), "req_1")

    assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert response.content_type == "application/json"
    assert json.loads(response.text or "") == {
        "error": {
            "code": "method_not_allowed",
            "message": "This path takes POST only.",
            "status": 405,
            "request_id": "req_1",
            "details": {},
        }
    }


async def test_details_are_told() -> None:
    response = render_error(InvalidFieldsError({"format": "bad"}), "req_1")

    details = json.loads(response.text or "")["error"]["details"]
    assert details == {"fields": {"format": "bad"}}
