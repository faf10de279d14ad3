"""Words finished pictures: as the bytes of a file, or as JSON where only that is taken."""

from collections.abc import Iterable

from gateway.contracts import answering
from gateway.contracts.answering import PICTURE
from gateway.contracts.removebg import sizes
from gateway.contracts.removebg.options import Asked
from gateway.cut_out import CutOut, SubjectBox
from gateway.delivery import PiecesResponse

HEADERS = (
    "X-Approximated-Fields",
    "X-Credits-Charged",
    "X-Foreground-Height",
    "X-Foreground-Left",
    "X-Foreground-Top",
    "X-Foreground-Width",
    "X-Max-Height",
    "X-Max-Width",
    "X-Type",
)
"""Those that answers have here and not elsewhere."""

_CREDITS_CHARGED = "0"
"""A whole number, since clients read it as one."""


def render(
    made: CutOut, subject: SubjectBox, asked: Asked, unknown_names: Iterable[str], accept: str
) -> PiecesResponse:
    """Answers with the picture of a visible subject."""
    headers = answering.facts(made, [*unknown_names, *asked.ignored], asked.approximated)
    headers |= _own_headers(made, subject, asked.told_type)
    if answering.wants_json(accept):
        return answering.as_json(made, _document(subject), headers)
    return answering.as_bytes(made, headers)


def account(credit_count: int) -> dict[str, object]:
    """What is told of an account: these keys exactly, which a client takes for arguments."""
    credit_counts = {
        "total": credit_count,
        "subscription": credit_count,
        "payg": 0,
        "enterprise": 0,
    }
    api = {"free_calls": 0, "sizes": "all"}
    return {"data": {"attributes": {"credits": credit_counts, "api": api}}}


def _own_headers(made: CutOut, subject: SubjectBox, told_type: str | None) -> dict[str, str]:
    max_width_px, max_height_px = sizes.full_size(
        made.input_width_px, made.input_height_px, made.output_format
    )
    headers = {
        "X-Max-Width": str(max_width_px),
        "X-Max-Height": str(max_height_px),
        "X-Credits-Charged": _CREDITS_CHARGED,
        "X-Foreground-Top": str(subject.top_px),
        "X-Foreground-Left": str(subject.left_px),
        "X-Foreground-Width": str(subject.width_px),
        "X-Foreground-Height": str(subject.height_px),
    }
    if told_type is not None:
        headers["X-Type"] = told_type
    return headers


def _document(subject: SubjectBox) -> dict[str, object]:
    data = {
        "result_b64": PICTURE,
        "foreground_top": subject.top_px,
        "foreground_left": subject.left_px,
        "foreground_width": subject.width_px,
        "foreground_height": subject.height_px,
    }
    return {"data": data}
