"""The way in that the dialects share: key, rate, memory, body, image, in this order."""

from dataclasses import dataclass

from aiohttp import web

from gateway.accounts.caller import Caller
from gateway.admission import ByteBudget, Reservation
from gateway.bodies.base64_text import image_of_text
from gateway.bodies.kind import BodyKind, body_kind, copies
from gateway.bodies.reader import BodyReader
from gateway.bodies.submission import ImageBytes, ImageText, ImageUrl, Source, Submission
from gateway.cut_out import CutOut
from gateway.errors import InvalidImageError, MissingImageError
from gateway.fetch.client import ImageFetcher
from gateway.gate import Gate
from gateway.request_state import HELD
from gateway.settings import COPIES_HELD, PASSING_BYTES

_STRANGERS = "strangers"
"""Who holds what is read before its caller is known. No key has this for its fingerprint."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was let in, its body read; ``held`` is what it holds of the budget."""

    caller: Caller
    submission: Submission
    held: Reservation

    def let_go(self) -> None:
        """Books that the image has been sent on."""
        self.held.resize(0)


class Intake:
    """Takes requests in. ``budget`` bounds what all of them hold, and each caller.

    ``strangers`` bounds what is read of callers whose key stands in the body itself; None means
    that no key is looked for there.
    """

    def __init__(
        self,
        gate: Gate,
        bodies: BodyReader,
        fetcher: ImageFetcher,
        budget: ByteBudget,
        strangers: ByteBudget | None,
    ) -> None:
        self._gate = gate
        self._bodies = bodies
        self._fetcher = fetcher
        self._budget = budget
        self._strangers = strangers

    async def receive(self, request: web.Request) -> Received:
        """Lets the caller in and reads the body, whose image is not decoded or fetched yet.

        Raises:
            ApiError: whatever is wrong with key, rate, head or body.
        """
        key = self._gate.key_in(request)
        if key is None and self._strangers is not None and body_kind(request) is BodyKind.JSON:
            return await self._receive_stranger(request, self._strangers)
        caller = await self._gate.admit(request, key)
        expected_bytes = self._expected_bytes(request)
        if expected_bytes == 0:
            raise MissingImageError
        await self._gate.expect_room(caller)
        held = request[HELD].enter_context(self._budget.reserve(caller.fingerprint, expected_bytes))
        submission = await self._bodies.read(request)
        _hold_source(held, submission)
        return Received(caller, submission, held)

    async def image(self, received: Received) -> bytes:
        """Hands over the encoded image, decoded from text or fetched where need be.

        Raises:
            ApiError: there is no image, the text is none, or it cannot be fetched.
        """
        image = await self._encoded(received.submission.take_source(), received)
        if not image:  # as a URL may turn out to be
            raise InvalidImageError
        received.held.resize(COPIES_HELD * len(image))
        return image

    async def settle(self, received: Received, made: CutOut) -> None:
        """Books what a finished picture costs: what of it passes, and its pixels on the rate."""
        received.held.resize(min(made.image_bytes, PASSING_BYTES))
        await self._gate.debit(received.caller, made.width_px * made.height_px)

    async def _encoded(self, source: Source, received: Received) -> bytes:
        match source:
            case ImageBytes():
                return source.data
            case ImageText():
                return await image_of_text(source, self._bodies.image_bytes)
            case ImageUrl():
                return await self._fetcher.fetch(
                    source.url,
                    received.caller.key_id,
                    on_size=lambda size_bytes: received.held.grow(COPIES_HELD * size_bytes),
                )

    async def _receive_stranger(self, request: web.Request, strangers: ByteBudget) -> Received:
        """Reads a JSON body first, since the key may be one of its members.

        Memory is taken as the body arrives: what is only announced would cost a stranger nothing.
        """
        self._bodies.expected_bytes(request)
        with strangers.reserve(request.remote or "", 0) as share:
            held = request[HELD].enter_context(self._budget.reserve(_STRANGERS, 0))

            def take(arrived_bytes: int) -> None:
                share.grow(copies(BodyKind.JSON) * arrived_bytes)
                held.grow(copies(BodyKind.JSON) * arrived_bytes)

            submission = await self._bodies.read(request, take)
            _hold_source(held, submission)
            caller = await self._gate.admit(request, submission.api_key)
            await self._gate.expect_room(caller)
            held.belong_to(caller.fingerprint)
        return Received(caller, submission, held)

    def _expected_bytes(self, request: web.Request) -> int:
        """Tells how much memory the reading of a body may take."""
        return copies(body_kind(request)) * self._bodies.expected_bytes(request)


def _hold_source(held: Reservation, submission: Submission) -> None:
    held.resize(copies(submission.kind) * submission.source_bytes)
