from gateway.bodies.excess import too_long_field, too_many_fields
from gateway.errors import BadRequestError


def test_a_refusal_tells_the_limit() -> None:
    for error in (too_many_fields(17), too_long_field(17)):
        assert isinstance(error, BadRequestError)
        assert "more than 17" in str(error) or "longer than 17" in str(error)
