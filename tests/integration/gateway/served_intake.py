"""The way in that dialects share, on a loopback socket of its own, and what it held on the way."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.accounts.authentication import Authenticator
from gateway.accounts.keys import KeyRecord, generate_key
from gateway.accounts.rate_limits import open_rate_limiter
from gateway.admission import ByteBudget
from gateway.backpressure import Backpressure, RecentRefusals
from gateway.bodies.reader import BodyReader
from gateway.bodies.vocabulary import Vocabulary
from gateway.errors import ApiError
from gateway.fetch.client import ImageFetcher
from gateway.gate import Gate
from gateway.intake import Intake
from gateway.pictures import Slot
from gateway.request_state import HELD
from gateway.settings import FetchSettings, LimiterSettings, UploadSettings
from tests.unit.gateway.accounts.records import record_of

KEY, OTHER_KEY = generate_key("live"), generate_key("live")
_RECORDS = {key: record_of(key) for key in (KEY, OTHER_KEY)}
LARGE_BUDGET = 2**30


@dataclass(frozen=True, slots=True)
class Way:
    """How one dialect's way in is laid out."""

    vocabulary: Vocabulary
    limits: UploadSettings
    budget_bytes: int = LARGE_BUDGET
    key_header: str | None = None
    fallback_key: str | None = None
    port: int = 80
    """What pictures may be fetched from."""
    first: Slot = Slot.IMAGE
    """The picture that is taken first."""


@dataclass(slots=True)
class Taken:
    """What requests brought, and the bytes that were held: on arrival, and after each picture."""

    key_ids: list[str] = field(default_factory=list)
    pictures: list[dict[Slot, bytes]] = field(default_factory=list)
    held_bytes: list[tuple[int, ...]] = field(default_factory=list)


class ServedIntake:
    """One way in."""

    def __init__(self, intake: Intake, budget: ByteBudget, first: Slot) -> None:
        self.taken = Taken()
        self._intake = intake
        self.budget = budget
        self._slots = [first, *(slot for slot in Slot if slot is not first)]

    async def answer(self, request: web.Request) -> web.Response:
        """Takes in one request, and tells what is wrong with it, if anything is."""
        try:
            with ExitStack() as held:
                request[HELD] = held
                await self._take(request)
        except ApiError as error:
            told = {"code": error.code, "message": str(error), "details": error.details}
            return web.json_response(told, status=error.status)
        return web.json_response({})

    async def _take(self, request: web.Request) -> None:
        received = await self._intake.receive(request)
        self.taken.key_ids.append(received.caller.key_id)
        held_bytes = [self.budget.reserved_bytes]
        pictures = {}
        for slot in self._slots:
            take = self._intake.image if slot is Slot.IMAGE else self._intake.background
            pictures[slot] = await take(received)
            held_bytes.append(self.budget.reserved_bytes)
        received.let_go()
        held_bytes.append(self.budget.reserved_bytes)
        self.taken.pictures.append(pictures)
        self.taken.held_bytes.append(tuple(held_bytes))


class Segmenters:
    """Takes on whatever comes."""

    def unreachable(self) -> bool:
        return False

    async def retry_after_s(self, _caller: str) -> float | None:
        return None


Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def served_intake(way: Way) -> AsyncIterator[tuple[ServedIntake, Client]]:
    """Serves a way in at every path."""

    async def recognise(key: str) -> KeyRecord | None:
        return _RECORDS.get(key)

    async with AsyncExitStack() as stack:
        limiter = await stack.enter_async_context(
            open_rate_limiter(LimiterSettings(), lambda: None)
        )
        fetch = FetchSettings(allow=("127.0.0.1",), ports=(way.port,))
        fetcher = ImageFetcher(fetch, way.limits.image_bytes, lambda _: None)
        stack.push_async_callback(fetcher.close)
        gate = Gate(
            Authenticator(recognise, query=True),
            limiter,
            Backpressure(RecentRefusals(), Segmenters()),
        )
        budget = ByteBudget(way.budget_bytes)
        intake = Intake(
            gate,
            BodyReader(way.limits, way.vocabulary),
            fetcher,
            budget,
            None,
            key_header=way.key_header,
            fallback_key=way.fallback_key,
        )
        served = ServedIntake(intake, budget, way.first)
        app = web.Application()
        app.router.add_route("*", "/", served.answer)
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        yield served, client


async def told(client: Client, method: str, path: str = "/", **request: Any) -> tuple[int, Any]:
    """Sends a request with the key, unless it has headers of its own, and returns what is said."""
    request.setdefault("headers", {"X-Api-Key": KEY})
    async with client.request(method, path, **request) as response:
        return response.status, await response.json()
