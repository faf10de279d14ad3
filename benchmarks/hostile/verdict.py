"""Judges what a service answered to a file, whatever the file is. Pure."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from PIL import Image

MOST_OUTPUT_PX = 50_000_000
_HANG_S = 5.0
_PHOTOS = 3.0
"""How many times as long as a good photo of its size a picture may take."""

ALLOWED_REFUSALS = {
    "invalid_image": 400,
    "missing_image": 400,
    "image_too_large": 413,
    "unsupported_image_format": 415,
}
"""What the contract has to say of an image, with the status of each."""

_ENVELOPE = {"code", "message", "status", "request_id", "details"}
_LONGEST_SENTENCE = 300
_INSIDES = re.compile(
    r"traceback|\bFile \"|\.py\b|site-packages|/\w+/|\bPIL\b|pillow|\blib[a-z]+\b|numpy|grpc"
    r"|errno|exception|\w+Error\b|0x[0-9a-f]{6}",
    re.IGNORECASE,
)
"""Words that tell of how the service is built."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 where nothing did, and why as the body."""

    status: int
    body: bytes
    latency_s: float
    headers: Mapping[str, str] = field(default_factory=dict)
    """With names in lower case."""

    @property
    def pixels(self) -> int:
        """How many pixels are promised; 0 for a refusal."""
        width, height = (self.headers.get(f"x-{side}", "0") for side in ("width", "height"))
        return int(width) * int(height)

    @property
    def outcome(self) -> str:
        """The status, and the code of a refusal."""
        return f"{self.status} {_code(self.body)}" if self.status >= 400 else str(self.status)


def problems(reply: Reply) -> list[str]:
    """Tells which promises an answer breaks by what it says."""
    if reply.status == 200:
        return _picture_problems(reply)
    if 400 <= reply.status < 500:
        return _refusal_problems(reply)
    if reply.status == 0:
        return [f"no answer: {reply.body.decode()}"]
    return [f"status {reply.status}"]


def limit_s(reply: Reply, photo_s_per_megapixel: float) -> float:
    """Tells how long an answer may take before it counts as a hang.

    A picture may take longer than a refusal by what photos of its size take on this machine.
    """
    return _HANG_S + _PHOTOS * photo_s_per_megapixel * reply.pixels / 1e6


def digest(reply: Reply) -> str:
    """Sums up what is said: pixels, which may be compressed in more than one way, or a refusal."""
    said = reply.outcome.encode()
    if reply.status == 200:
        image = _opened(reply.body)
        said += reply.body if image is None else _pixels(image)
    return sha256(said).hexdigest()


def _pixels(image: Image.Image) -> bytes:
    return f"{image.mode} {image.size} ".encode() + image.tobytes()


def _picture_problems(reply: Reply) -> list[str]:
    image = _opened(reply.body)
    if image is None:
        return ["no picture"]
    found = []
    size = tuple(int(reply.headers.get(f"x-{side}", "0")) for side in ("width", "height"))
    if image.size != size:
        found.append(f"{image.size} where {size} was told")
    if image.mode != "RGBA":
        found.append(f"mode {image.mode}")
    if image.width * image.height > MOST_OUTPUT_PX:
        found.append("more pixels than any answer has")
    return found


def _opened(body: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(body), formats=["PNG"]) as image:
            image.load()
            return image
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _refusal_problems(reply: Reply) -> list[str]:
    error = _error(reply.body)
    if set(error) != _ENVELOPE:
        return ["no error as the contract has it"]
    found = []
    if ALLOWED_REFUSALS.get(str(error["code"])) != reply.status or error["status"] != reply.status:
        found.append(f"{reply.status} {error['code']}, which is none for an image")
    message = str(error["message"])
    if not (" " in message and message.isprintable() and len(message) <= _LONGEST_SENTENCE):
        found.append(f"no plain sentence: {message[:80]!r}")
    if told := _INSIDES.search(reply.body.decode(errors="replace")):
        found.append(f"tells of its insides: {told[0]!r}")
    return found


def _code(body: bytes) -> str:
    return str(_error(body).get("code", "of no code"))


def _error(body: bytes) -> Mapping[str, object]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
