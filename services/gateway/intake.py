"""The way in that the dialects share: key, rate, memory, body, image, in this order."""

import dataclasses
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
from gateway.pictures import Slot, about
from gateway.request_state import HELD, Stage, measured
from gateway.settings import COPIES_HELD, PASSING_BYTES
from telemetry.tracing import step

_STRANGERS = "strangers"
"""Who holds what is read before its caller is known. No key has this for its fingerprint."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was let in, its body read; ``held`` is what it holds of the budget."""

    caller: Caller
    submission: Submission
    held: Reservation
    taken_bytes: dict[Slot, int] = dataclasses.field(default_factory=dict)
    """The sizes of the pictures that have been handed over."""

    def let_go(self) -> None:
        """Books that the pictures have been sent on."""
        self.held.resize(0)


class Intake:
    """Takes requests in. ``budget`` bounds what all of them hold, and each caller.

    ``strangers`` bounds what is read of callers whose key stands in the body itself; None means
    that no key is looked for there. ``key_header`` is the header that a dialect has for keys, whose
    requests then have none in the query. ``fallback_key`` is that of requests without any.
    """

    def __init__(  # noqa: PLR0913  one of each part that a way in is made of
        self,
        gate: Gate,
        bodies: BodyReader,
        fetcher: ImageFetcher,
        budget: ByteBudget,
        strangers: ByteBudget | None,
        *,
        key_header: str | None = None,
        fallback_key: str | None = None,
    ) -> None:
        self._gate = gate
        self._bodies = bodies
        self._fetcher = fetcher
        self._budget = budget
        self._strangers = strangers
        self._key_header = key_header
        self._fallback_key = fallback_key

    async def receive(self, request: web.Request) -> Received:
        """Lets the caller in and reads the body, whose pictures are not decoded or fetched yet.

        Raises:
            ApiError: whatever is wrong with key, rate, head or body.
        """
        key = self._gate.key_in(request, self._key_header) or self._fallback_key
        if key is None and self._strangers is not None and body_kind(request) is BodyKind.JSON:
            return await self._receive_stranger(request, self._strangers)
        caller = await self._gate.admit(request, key)
        expected_bytes = self._bodies.expected_bytes(request)
        if expected_bytes == 0 and not self._bodies.reads_query:
            raise MissingImageError
        await self._gate.expect_room(caller)
        submission, held = await self._read(request, caller.fingerprint, expected_bytes)
        _hold_sources(held, submission)
        return Received(caller, submission, held)

    async def image(self, received: Received) -> bytes:
        """Hands over the encoded image, decoded from text or fetched where need be.

        Raises:
            ApiError: there is no image, the text is none, or it cannot be fetched.
        """
        return await self._picture(received, Slot.IMAGE)

    async def background(self, received: Received) -> bytes:
        """Hands over the encoded picture to put behind the subject; no bytes, if there is none.

        Raises:
            ApiError: as ``image``; its details say that it is about the background.
        """
        if not received.submission.has(Slot.BACKGROUND):
            return b""
        return await self._picture(received, Slot.BACKGROUND)

    async def settle(self, received: Received, made: CutOut) -> None:
        """Books what a finished picture costs: what of it passes, and its pixels on the rate."""
        received.held.resize(min(made.image_bytes, PASSING_BYTES))
        await self._gate.debit(received.caller, made.width_px * made.height_px)

    async def _picture(self, received: Received, slot: Slot) -> bytes:
        with about(slot, self._bodies.url_field(slot)):
            picture = await self._encoded(received.submission.take_source(slot), received)
            if not picture:  # as a URL may turn out to be
                raise InvalidImageError
        received.held.resize(COPIES_HELD * len(picture) + _beside_bytes(received))
        received.taken_bytes[slot] = len(picture)
        return picture

    async def _encoded(self, source: Source, received: Received) -> bytes:
        match source:
            case ImageBytes():
                return source.data
            case ImageText():
                return await image_of_text(source, self._bodies.image_bytes)
            case ImageUrl():
                beside_bytes = _beside_bytes(received)
                return await self._fetcher.fetch(
                    source.url,
                    received.caller.key_id,
                    on_size=lambda size_bytes: received.held.grow(
                        COPIES_HELD * size_bytes + beside_bytes
                    ),
                    image_bytes=self._bodies.image_bytes,
                    max_characters=self._bodies.url_characters,
                )

    async def _read(
        self, request: web.Request, holder: str, expected_bytes: int
    ) -> tuple[Submission, Reservation]:
        """Reads a body, for which memory is taken at once as far as its head tells its length.

        Else memory is taken as the body arrives: few of the largest would fit at a time.
        """
        times = copies(body_kind(request))
        is_told = expected_bytes == 0 or request.content_length is not None
        reservation = self._budget.reserve(holder, times * expected_bytes if is_told else 0)
        held = request[HELD].enter_context(reservation)
        with measured(request, Stage.UPLOAD), step("upload"):
            if is_told:
                return await self._bodies.read(request), held
            return await self._bodies.read(
                request, lambda arrived_bytes: held.grow(times * arrived_bytes)
            ), held

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

            with measured(request, Stage.UPLOAD), step("upload"):
                submission = await self._bodies.read(request, take)
            _hold_sources(held, submission)
            caller = await self._gate.admit(request, submission.api_key)
            await self._gate.expect_room(caller)
            held.belong_to(caller.fingerprint)
        return Received(caller, submission, held)


def _beside_bytes(received: Received) -> int:
    """Tells how much memory the pictures take that are not being handed over now."""
    submission = received.submission
    waiting_bytes = copies(submission.kind) * submission.source_bytes
    return waiting_bytes + COPIES_HELD * sum(received.taken_bytes.values())


def _hold_sources(held: Reservation, submission: Submission) -> None:
    held.resize(copies(submission.kind) * submission.source_bytes)
