import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.parameters import ParameterError, parse_parameters

tokens = st.text(st.characters(codec="ascii", categories=("L", "Nd")), min_size=1, max_size=9)


def test_parameters_are_read_by_lower_case_name() -> None:
    value, parameters = parse_parameters('Multipart/Form-Data; Boundary="a b"; x=Y')

    assert (value, parameters) == ("multipart/form-data", {"boundary": "a b", "x": "Y"})


@given(tokens, st.dictionaries(tokens.map(str.lower), tokens))
def test_what_was_written_is_read(value: str, parameters: dict[str, str]) -> None:
    header = "; ".join([value, *(f'{name}="{text}"' for name, text in parameters.items())])

    assert parse_parameters(header) == (value.lower(), parameters)


@given(st.text(max_size=60))
def test_nothing_but_its_own_error_comes_of_any_header(header: str) -> None:
    try:
        parse_parameters(header)
    except ParameterError as error:
        assert str(error).startswith("A header of the request")  # noqa: PT017  most are no errors


@pytest.mark.parametrize("header", ["a; b", 'a; b="', "a; b=c d", "a; b=1; B=2", "a; =1"])
def test_a_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(ParameterError):
        parse_parameters(header)


@pytest.mark.parametrize("file_name", ['"a"b.png"', "my photo.png", '"C:\\dir\\"', '"a; b', ";;="])
def test_a_file_name_that_is_not_escaped_spoils_nothing(file_name: str) -> None:
    _, parameters = parse_parameters(f'form-data; name="image_file"; filename={file_name}')

    assert parameters["name"] == "image_file"


@pytest.mark.parametrize(
    "header",
    ['a; name="b"c"; filename="d"', 'a; filename="b"; name="c"; name="d"', 'a; x-filename="b"c"'],
)
def test_malformed_parameters_beside_a_file_name_are_refused(header: str) -> None:
    with pytest.raises(ParameterError):
        parse_parameters(header)
