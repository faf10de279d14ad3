"""Requests to the service and what its answers mean; sends none: the core of both clients."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mattebox.client.account import Account
from mattebox.client.api_errors import BY_CODE
from mattebox.client.cut_out import CutOut
from mattebox.client.errors import UNKNOWN, ApiError
from mattebox.client.options import Options
from mattebox.client.retry_after import read_retry_after

REQUEST_ID = "x-request-id"


@dataclass(frozen=True, slots=True)
class Question:
    """A request, but for the service that it goes to."""

    method: str
    path: str
    fields: Mapping[str, str] | None = None
    """What a form holds beside the image."""

    image: bytes | None = None
    """Makes the form a multipart one."""

    needs_key: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""

    body: bytes


_OTHERWISE = (KeyError, TypeError, ValueError, RecursionError)
"""What reading JSON of other shapes fails with, and JSON that is deeply nested."""

_NOT_NOW = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}

ACCOUNT = Question("GET", "/v2/account")
HEALTH = Question("GET", "/v2/health", needs_key=False)


def removal(image: bytes, options: Options) -> Question:
    """Asks for the cut-out of an encoded image."""
    return Question("POST", "/v2", _fields(options), image)


def removal_by_url(image_url: str, options: Options) -> Question:
    """Asks for the cut-out of an image that the service is to fetch."""
    return Question("POST", "/v2", {"image_url": image_url, **_fields(options)})


def cut_out_from_answer(answer: Answer) -> CutOut:
    """Reads a finished picture.

    Raises:
        ApiError: the answer is an error, or none of Mattebox.
    """
    _expect_success(answer)
    headers = answer.headers
    try:
        return CutOut(
            image=answer.body,
            media_type=_media_type(answer),
            width_px=int(headers["x-width"]),
            height_px=int(headers["x-height"]),
            foreground_found=headers["x-foreground-found"] == "true",
            request_id=headers.get(REQUEST_ID, ""),
            timings_ms=_timings_ms(headers.get("server-timing", "")),
        )
    except (KeyError, ValueError) as error:
        raise _foreign(answer) from error


def account_from_answer(answer: Answer) -> Account:
    """Reads what the service tells of the key.

    Raises:
        ApiError: the answer is an error, or none of Mattebox.
    """
    _expect_success(answer)
    try:
        content = json.loads(answer.body)
        key, account, usage = content["api_key"], content["account"], content["usage"]
        return Account(
            mode=str(key["mode"]),
            fingerprint=str(key["fingerprint"]),
            email=str(account["email"]),
            plan=str(account["plan"]),
            subscription_status=str(account["subscription_status"]),
            period=str(usage["period"]),
            images=int(usage["images"]),
            megapixels=float(usage["megapixels"]),
        )
    except _OTHERWISE as error:
        raise _foreign(answer) from error


def health_from_answer(answer: Answer) -> bool:
    """Reads whether images can be served; a proxy that finds no service says no, too.

    Raises:
        ApiError: the answer is neither yes nor no.
    """
    if answer.status in _NOT_NOW:
        return False
    _expect_success(answer)
    return True


def _fields(options: Options) -> dict[str, str]:
    fields = {
        "format": options.format,
        "channels": options.channels,
        "size": options.size,
        "crop": _switch(on=options.crop),
        "despill": _switch(on=options.despill),
    }
    if options.bg_color is not None:
        fields["bg_color"] = options.bg_color
    return fields


def _switch(*, on: bool) -> str:
    return "true" if on else "false"


def _expect_success(answer: Answer) -> None:
    if answer.status != HTTPStatus.OK:
        raise _error(answer)


def _error(answer: Answer) -> ApiError:
    """Makes the error of an envelope, or of whatever came instead."""
    try:
        told: dict[str, Any] = json.loads(answer.body)["error"]
        code, message, details = str(told["code"]), str(told["message"]), told["details"]
        if not isinstance(details, dict):
            return _foreign(answer)
    except _OTHERWISE:
        return _foreign(answer)
    return BY_CODE.get(code, ApiError)(
        message,
        code=code,
        status=answer.status,
        request_id=str(told.get("request_id") or answer.headers.get(REQUEST_ID, "")),
        details=details,
        retry_after_s=read_retry_after(answer.headers),
    )


def _foreign(answer: Answer) -> ApiError:
    """Makes the error of an answer that no Mattebox gives: its text is somebody else's."""
    if 300 <= answer.status < 400 and (location := answer.headers.get("location")):
        message = f"The URL of the client leads elsewhere, to {location}: name that one instead."
    else:
        media_type = _media_type(answer) or "of no type"
        message = f"The answer is none of Mattebox: status {answer.status}, {media_type}."
    return ApiError(
        message,
        code=UNKNOWN,
        status=answer.status,
        request_id=answer.headers.get(REQUEST_ID, ""),
        retry_after_s=read_retry_after(answer.headers),
    )


def _media_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _timings_ms(written: str) -> dict[str, float]:
    """Reads ``stage;dur=milliseconds, …``, all but what is written otherwise."""
    timings_ms = {}
    for entry in written.split(","):
        name, _, duration = entry.strip().partition(";dur=")
        try:
            timings_ms[name] = float(duration)
        except ValueError:
            continue
    return timings_ms
