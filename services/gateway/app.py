"""The composition root: makes every part of the gateway, each from its own section."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from gateway.accounts.opening import open_accounts
from gateway.accounts.rate_limits import open_rate_limiter
from gateway.admission import ByteBudget
from gateway.backpressure import Backpressure, RecentRefusals
from gateway.connections import Connections
from gateway.contracts.v2.account import AccountPage
from gateway.contracts.v2.handlers import V2
from gateway.cross_origin import CrossOrigin
from gateway.dialects import Dialects
from gateway.fetch.client import ImageFetcher
from gateway.gate import Gate
from gateway.health import Health, Lifecycle
from gateway.metrics import GatewayMetrics, Readings
from gateway.middlewares import answer_errors, observe
from gateway.playground.handlers import Playground
from gateway.protocol import AnswerFailure
from gateway.recorder import Recorder
from gateway.reference.handlers import Reference
from gateway.results import open_results
from gateway.routes import DIALECTS, add_routes, own_codes, routes
from gateway.segmenter_client import SegmenterClient
from gateway.settings import GatewaySettings
from gateway.standing_headers import StandingHeaders
from gateway.tracing import trace
from gateway.unhandled import failure_answers, full_answers
from gateway.workshop import Workshop
from telemetry.loop_lag import LoopLag
from telemetry.ticker import Ticker
from telemetry.tracing import OFF, Tracer


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that is ready to listen."""

    app: web.Application
    lifecycle: Lifecycle
    connections: Connections
    answer_failure: AnswerFailure
    answer_full: Callable[[], web.Response]


@asynccontextmanager
async def open_gateway(
    settings: GatewaySettings,
    registry: CollectorRegistry,
    log: FilteringBoundLogger,
    lifecycle: Lifecycle,
    tracer: Tracer = OFF,
) -> AsyncIterator[Gateway]:
    """Makes a gateway, and lets go of all it stands on when the context ends.

    Raises:
        StoreError: if the database cannot be used.
        PepperError: if the pepper is missing, damaged, or another than the database's.
        ServerUrlError: if rates cannot be counted, or results kept, where the settings say.
        AllowListError: if the settings let something be fetched that is no place.
        CertificateError: if the files of TLS towards the segmenter cannot be used.
    """
    metrics = GatewayMetrics(registry, own_codes(settings.dialects.enabled))
    budget = ByteBudget(settings.admission.budget_bytes)
    connections = Connections(
        settings.http.max_connections,
        settings.http.max_connections_per_address,
        metrics.parts.connection_turned_away,
    )
    async with AsyncExitStack() as stack:
        accounts = await stack.enter_async_context(open_accounts(settings, metrics, log))
        limiter = await stack.enter_async_context(
            open_rate_limiter(
                settings.limiter,
                metrics.parts.limiter_fell_back,
                on_decision=metrics.parts.limiter_decided,
            )
        )
        fetcher = ImageFetcher(settings.fetch, settings.upload.image_bytes, metrics.parts.fetched)
        stack.push_async_callback(fetcher.close)
        results = await stack.enter_async_context(open_results(settings.dialects))
        refusals = RecentRefusals()
        segmenter = SegmenterClient(settings.segmenter, metrics.requests.stages, refusals.note, log)
        stack.push_async_callback(segmenter.close)
        lag = LoopLag()
        lag.start()
        stack.push_async_callback(lag.stop)
        # Channels belong to the loop: it cannot be looked up on the thread that asks for metrics.
        look = Ticker(lambda: metrics.states.segmenter_serving(serving=segmenter.serving()), log)
        look.start()
        stack.push_async_callback(look.stop)
        metrics.states.limits(
            budget_bytes=settings.admission.budget_bytes,
            max_connections=settings.http.max_connections,
        )
        metrics.states.watch(
            Readings(
                ready=lambda: lifecycle.ready,
                connections=lambda: connections.open,
                in_flight_bytes=lambda: budget.reserved_bytes,
                limiter_degraded=lambda: limiter.degraded,
                results_bytes=lambda: results.held_bytes,
                results_down=lambda: results.is_down,
                event_loop_lag_s=lambda: lag.longest_s,
            )
        )

        gate = Gate(accounts.authenticator, limiter, Backpressure(refusals, segmenter))
        workshop = Workshop(
            settings.dialects,
            settings.upload,
            gate,
            fetcher,
            budget,
            segmenter.remove_background,
            results,
        )
        dialects = Dialects(
            V2(
                workshop.native_cut_outs(_strangers(settings)),
                AccountPage(gate, accounts.usage_since),
            ),
            [DIALECTS[name](workshop) for name in settings.dialects.enabled],
        )
        playground = Playground() if settings.playground.enabled else None
        health = Health(lifecycle, segmenter.serving)
        table = routes(dialects, health, Reference(), playground)
        probes = {route.path for route in table if route.is_probe}
        record = Recorder(log, metrics, accounts.meter.add, probes).record
        cross_origin = CrossOrigin(settings.cors.origins, dialects)
        standing = StandingHeaders(cross_origin)
        app = web.Application(
            middlewares=[
                trace(tracer, probes),
                observe(dialects, record, lifecycle, settings.http.stall_timeout_s, standing),
                answer_errors(dialects, log),
                cross_origin.answer_preflights(),
            ]
        )
        add_routes(app, table)
        yield Gateway(
            app,
            lifecycle,
            connections,
            failure_answers(dialects, record, log, standing),
            full_answers(dialects, standing),
        )


def _strangers(settings: GatewaySettings) -> ByteBudget | None:
    if not settings.keys.json_field:
        return None
    return ByteBudget(settings.admission.strangers_bytes)
