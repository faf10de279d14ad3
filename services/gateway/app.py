"""The composition root: makes every part of the gateway, each from its own section."""

from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from gateway.accounts.authentication import Authenticator
from gateway.accounts.keys_file import KeysFile
from gateway.admission import ByteBudget
from gateway.contracts.v2 import V2, render_error
from gateway.health import Health, Lifecycle
from gateway.metrics import GatewayMetrics
from gateway.middlewares import answer_errors, failure_answers, observe
from gateway.protocol import AnswerFailure
from gateway.recorder import Recorder
from gateway.routes import add_routes, routes
from gateway.segmenter_client import SegmenterClient
from gateway.settings import GatewaySettings
from gateway.upload import BodyReader


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that is ready to listen."""

    app: web.Application
    lifecycle: Lifecycle
    answer_failure: AnswerFailure


def build_gateway(
    settings: GatewaySettings, registry: CollectorRegistry, log: FilteringBoundLogger
) -> Gateway:
    """Makes a gateway. Call it inside a running event loop.

    Raises:
        KeysFileError: if the keys cannot be read.
    """
    keys = KeysFile(
        settings.keys.file, on_damage=lambda problem: log.error("keys_kept", detail=problem)
    )
    keys.load()
    lifecycle = Lifecycle()
    budget = ByteBudget(settings.admission.budget_bytes)
    metrics = GatewayMetrics(registry, reserved_bytes=lambda: budget.reserved_bytes)
    segmenter = SegmenterClient(settings.segmenter, on_stages=metrics.observe_stages)
    authenticator = Authenticator(keys.recognise, query=settings.keys.query)
    table = routes(
        V2(authenticator, budget, BodyReader(settings.upload), segmenter.remove_background),
        Health(lifecycle, segmenter.serving),
    )
    probes = {route.path for route in table if route.is_probe}
    record = Recorder(log, metrics, probes).record
    app = web.Application(
        middlewares=[
            observe(record, lifecycle, settings.http.stall_timeout_s),
            answer_errors(render_error, log),
        ]
    )
    add_routes(app, table)

    async def close_segmenter(_app: web.Application) -> None:
        await segmenter.close()

    app.on_cleanup.append(close_segmenter)
    return Gateway(app, lifecycle, failure_answers(render_error, record, log))
