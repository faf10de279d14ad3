"""The channel to the segmenters: balanced, health-checked, and over TLS where the settings say."""

import asyncio
import json
import time

import grpc
from structlog.typing import FilteringBoundLogger

from certificates import Renewed, TlsMaterial
from gateway.segmenter_call import CHUNK_BYTES
from gateway.settings import SegmenterSettings

_NEVER_MS = 2**31 - 1
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # Segmenters that are not ready get no calls, and the channel is ready while any of them is.
    "healthCheckConfig": {"serviceName": "readiness"},
}
_OPTIONS: list[tuple[str, int | str]] = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.enable_retries", 0),
    # Pictures go to nobody else, whatever proxy the environment names for other traffic.
    ("grpc.enable_http_proxy", 0),
    # A client that reads slowly leaves its answer with the segmenter, all but so much. Measuring
    # the way, gRPC would let some 8 MB of each answer come ahead.
    ("grpc.http2.lookahead_bytes", 2 * CHUNK_BYTES),
    ("grpc.http2.bdp_probe", 0),
    # One that is frozen takes connections and bytes as ever, and only leaves pings unanswered.
    ("grpc.keepalive_time_ms", 5_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Without it a ping has a minute, whatever the line above says.
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # A quiet channel that disconnects would no longer know whether there is a segmenter.
    ("grpc.client_idle_timeout_ms", _NEVER_MS),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A name is asked for anew when a segmenter leaves, but by default once in half a minute: where
    # several are replaced in a row, gateways would be left with addresses of those that are gone.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
]

_UNDECIDED = {grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING}
_LONGEST_ANSWER_S = 3_600.0
LOST_S = 10.0
"""Without an address at a name gRPC asks less and less often, up to two minutes apart: after so
long without a segmenter a new channel begins to ask from the start."""


class SegmenterChannel:
    """The channel for each call. Make it inside a running event loop, and close it there.

    When the files of TLS have been replaced, or no segmenter was found for ``LOST_S``, a new
    channel takes over as soon as it has found one; calls that run on the old one go on.

    Raises:
        CertificateError: the files of TLS cannot be used.
    """

    def __init__(self, settings: SegmenterSettings, log: FilteringBoundLogger) -> None:
        self._settings = settings
        self._served_last = False
        self._credentials: Renewed[grpc.ChannelCredentials] | None = None
        if settings.tls is not None:
            self._credentials = Renewed(settings.tls, _credentials, log)
        self._used = self._newest()
        self._channel = self._open(self._used)
        self._next: grpc.aio.Channel | None = None
        self._lost_at_s: float | None = None
        self._retired: set[asyncio.Task[None]] = set()
        self.serving()  # begins to connect, so that the first caller need not wait for it

    def serving(self) -> bool:
        """Whether a segmenter is connected that says it is ready.

        While a connection is made anew this stays what it was, since calls wait for it meanwhile.
        """
        state = self.current().get_state(try_to_connect=True)
        if state not in _UNDECIDED:
            self._served_last = state is grpc.ChannelConnectivity.READY
        return self._served_last

    def unreachable(self) -> bool:
        """Whether it is certain that no segmenter takes calls now."""
        return self.current().get_state() is grpc.ChannelConnectivity.TRANSIENT_FAILURE

    def current(self) -> grpc.aio.Channel:
        """The channel that the next call is to take."""
        newest = self._newest()
        if newest is not self._used or self._is_lost():
            self._used = newest
            if self._next is not None:
                self._retire(self._next)
            self._next = self._open(newest)
        if self._next is not None and _is_ready(self._next):
            self._retire(self._channel)
            self._channel, self._next = self._next, None
        return self._channel

    async def close(self) -> None:
        """Closes the channel; calls still running on it are cancelled."""
        for retired in self._retired:
            retired.cancel()
        for channel in (self._channel, self._next):
            if channel is not None:
                await channel.close(grace=None)
        await asyncio.gather(*self._retired, return_exceptions=True)

    def _is_lost(self) -> bool:
        """Whether it has found nobody for so long; the time then begins anew."""
        if self._channel.get_state() is not grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            self._lost_at_s = None
            return False
        now_s = time.monotonic()
        if self._lost_at_s is None:
            self._lost_at_s = now_s
        if now_s - self._lost_at_s < LOST_S:
            return False
        self._lost_at_s = now_s
        return True

    def _newest(self) -> grpc.ChannelCredentials | None:
        return None if self._credentials is None else self._credentials.current()

    def _open(self, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
        target = self._settings.target
        if credentials is None:
            return grpc.aio.insecure_channel(target, options=_OPTIONS)
        options = list(_OPTIONS)
        if self._settings.tls_name is not None:
            options.append(("grpc.ssl_target_name_override", self._settings.tls_name))
        return grpc.aio.secure_channel(target, credentials, options=options)

    def _retire(self, channel: grpc.aio.Channel) -> None:
        task = asyncio.create_task(channel.close(grace=_LONGEST_ANSWER_S))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)


def _credentials(material: TlsMaterial) -> grpc.ChannelCredentials:
    identity = material.identity
    if identity is None:
        return grpc.ssl_channel_credentials(material.authorities)
    return grpc.ssl_channel_credentials(material.authorities, identity.key, identity.chain)


def _is_ready(channel: grpc.aio.Channel) -> bool:
    return channel.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY
