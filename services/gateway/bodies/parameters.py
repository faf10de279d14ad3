"""Reads header values that carry parameters. Pure; repeats no byte in its errors."""

import re

_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[^\s;="]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s;"]*))"""
)


class ParameterError(ValueError):
    """The header is malformed; the message is a public sentence."""


def parse_parameters(header: str) -> tuple[str, dict[str, str]]:
    """Splits ``value; name=value; name="value"`` into the lower-case value and its parameters.

    A malformed rest behind a file name is left out: many clients write that name unescaped, and
    nobody reads it.

    Raises:
        ParameterError: if the header is malformed elsewhere or names a parameter twice.
    """
    value = header.partition(";")[0]
    parameters: dict[str, str] = {}
    position = len(value)
    while match := _PARAMETER.match(header, position):
        name = match["name"].lower()
        if name in parameters:
            raise ParameterError("A header of the request names a parameter twice.")
        parameters[name] = _unquoted(match)
        position = match.end()
    if header[position:].strip(" \t;") and "filename" not in parameters:
        raise ParameterError("A header of the request is malformed.")
    return value.strip().lower(), parameters


def _unquoted(match: re.Match[str]) -> str:
    if match["quoted"] is None:
        return match["token"]
    return re.sub(r'\\(["\\])', r"\1", match["quoted"])
